// Clocks that count in the browser: <time data-since="milliseconds" data-before="seconds" data-limit="seconds">.
(() => {
  if (window.chenxiClock) return;
  window.chenxiClock = true;
  const two = (number) => String(number).padStart(2, "0");
  const show = () => {
    for (const clock of document.querySelectorAll("time[data-since]")) {
      clock.dataset.ahead ??= Number(clock.dataset.now) - Date.now(); // of the server before this machine
      const gone = Math.floor((Date.now() + Number(clock.dataset.ahead) - Number(clock.dataset.since)) / 1000);
      const seconds = Math.max(0, gone) + Number(clock.dataset.before || 0);
      const text = `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
      if (clock.textContent !== text) clock.textContent = text;
      clock.classList.toggle("cx-over", seconds > Number(clock.dataset.limit || Infinity));
    }
    const panels = [...document.querySelectorAll(".cx-wall > section")];
    const turn = Math.floor(Date.now() / 15000) % (panels.length || 1);
    panels.forEach((panel, place) => panel.classList.toggle("cx-shown", place === turn));
  };
  setInterval(show, 500);
  show();
})();
