// What Streamlit says by itself, in the reader's words. Its texts cannot be set: they are replaced as they appear, and
// only where the whole text is one of these, so that nothing a person wrote is touched.
(() => {
  if (window.chenxiChrome) return;
  window.chenxiChrome = true;
  const unknownPage = /^(?:You have requested page (\/.*), but no corresponding file was found in the app's pages\/ directory|The page that you have requested does not seem to exist)\. Running the app's main page\.$/;
  const WORDS = {
    "zh-CN": {
      texts: {
        "No results": "没有匹配项",
        "Choose options": "请选择",
        "Choose an option": "请选择",
        "Select...": "请选择",
        "Select all": "全选",
        "Press Enter to apply": "按回车确认",
        "Press Enter to submit form": "按回车提交",
        "Drag and drop file here": "将文件拖到此处",
        "Drag and drop a file here": "将文件拖到此处",
        "Drag and drop files here": "将文件拖到此处",
        "Browse files": "选择文件",
        "Upload": "上传",
        "Add files": "添加文件",
        "Page not found": "没有这个页面",
        "Close": "关闭",
        "Open": "展开",
        "Fullscreen": "全屏",
        "Close fullscreen": "退出全屏",
        "Search": "搜索",
        "Close Search": "关闭搜索",
        "Previous Result": "上一条",
        "Next Result": "下一条",
        "Download as CSV": "下载为 CSV",
        "Show/hide columns": "显示或隐藏列",
        "Clear value": "清除",
        "Clear entry": "清除",
        "Clear all": "全部清除",
        "Clear date": "清除日期",
        "Clear dates": "清除日期",
        "Clear time": "清除时间",
        "Choose date": "选择日期",
        "Choose date range": "选择日期范围",
        "Quick select a date range": "快速选择日期范围",
        "Next month.": "下个月",
        "Previous month.": "上个月",
        "Selected values": "已选",
        "Selectbox": "下拉框",
        "Selectbox options": "下拉选项",
        "Multiselect": "多选框",
        "Multiselect options": "多选选项",
        "Decrement": "减少",
        "Increment": "增加",
        "Show password": "显示密码",
        "Hide password": "隐藏密码",
        "Sort ascending": "升序",
        "Sort descending": "降序",
        "Autosize": "自动列宽",
        "Pin column": "冻结列",
        "Unpin column": "取消冻结",
        "Hide column": "隐藏列",
        "Dataframe column menu": "列菜单",
        "Copy column name": "复制列名",
        "App pages": "页面",
        "Main menu": "菜单",
        "Menu": "菜单",
        "Sidebar": "侧栏",
        "Expand sidebar": "展开侧栏",
        "Collapse sidebar": "收起侧栏",
        "Scroll tabs left": "向左滚动",
        "Scroll tabs right": "向右滚动",
        "Running...": "正在运行……",
        "Connecting": "正在连接",
        "CONNECTING": "正在连接",
        "Connection error": "连接中断",
        "Notifications": "通知",
        "Navigate to home page": "回到首页",
        "Loading...": "正在加载……",
        "More": "更多",
        "Help": "说明",
        "Help for label": "说明",
      },
      patterns: [
        [/^Add: (.*)$/, "新增：$1"],
        [/^Remove (.*)$/, "移除 $1"],
        [/^View (\d+) more$/, "另有 $1 项"],
        [/^(?:Limit )?(\d+)\s?MB per file(?:\s?•\s?(.*))?$/, "单个文件不超过 $1MB $2"],
        [/^Selected date is (.*)$/, "已选日期 $1"],
        [/^Use arrow keys to navigate dates\..*$/, "方向键移动，回车选定，退出键关闭。"],
        [unknownPage, "没有您要打开的页面，已回到您的首页。"],
        [/^There is no such page: this is your own first page\.$/, "没有您要打开的页面，已回到您的首页。"], // shown before the page said its language
      ],
    },
    en: {
      texts: {},
      patterns: [[unknownPage, "There is no such page: this is your own first page."]],
    },
  };

  const said = (text) => {
    const words = WORDS[document.documentElement.lang];
    const known = text?.trim();
    if (!words || !known) return null;
    if (Object.hasOwn(words.texts, known)) return words.texts[known];
    const found = words.patterns.find(([pattern]) => pattern.test(known));
    return found ? known.replace(...found).trim() : null;
  };
  const ours = (node) => node.parentElement?.closest("[data-testid=stHtml], [data-testid=stMarkdown], textarea, script, style");
  const readText = (node) => {
    const words = said(node.nodeValue);
    if (words !== null && words !== node.nodeValue && !ours(node)) node.nodeValue = words;
  };
  const readAttributes = (element) => {
    for (const name of ["aria-label", "title", "placeholder"]) {
      const words = said(element.getAttribute(name));
      if (words !== null && words !== element.getAttribute(name)) element.setAttribute(name, words);
    }
  };
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return readText(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let one = node; one; one = walker.nextNode()) {
      if (one.nodeType === Node.TEXT_NODE) readText(one);
      else readAttributes(one);
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.target === document.documentElement) read(document.body);
      else if (change.type === "childList") change.addedNodes.forEach(read);
      else if (change.type === "characterData") readText(change.target);
      else readAttributes(change.target);
    }
  }).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ["aria-label", "title", "placeholder", "lang"],
  });
  read(document.body);

  // On a phone the menu lies over the page: it closes when a page is chosen, and when something beside it is tapped.
  document.addEventListener("click", ({ target }) => {
    const menu = document.querySelector("[data-testid=stSidebar][data-collapsed=false]");
    if (!menu || !matchMedia("(max-width: 640px)").matches) return;
    if (menu.contains(target) && !target.closest("[data-testid=stSidebarNavLink]")) return;
    setTimeout(() => menu.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
  }, true); // before the page does what was tapped
})();
