"""What people, shops and places of a simulated region are called, and how to draw one."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Choice = TypeVar("Choice")


def words(text: str) -> list[str]:
    return text.split()


REGION_NAME = "江城分行"
BRANCH_NAMES = words(
    "城关 滨江 东湖 高新 南门 北站 临港 西山 桥头 新城 古渡 云岭"
    " 河口 江南 江北 西门 东门 钟楼 鼓楼 开发区 大学城 汽车城 空港 保税区 白沙 青山 花溪 石门 平桥 双桥 黄桥 柳河 沙湾"
    " 龙潭 虎丘 凤台 鹤山 麻城 茶园 枫林 松林 竹山 莲塘 荷塘 杨柳 榆树 梧桐 金山 银湖 玉泉"
)
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
GIVEN_NAMES = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建国志文佳欣雨晨浩宇子涵思远嘉怡俊峰海燕"
BRANDS = words("顺达 鑫源 福满 恒通 永兴 金桥 宏盛 百味 瑞丰 嘉禾 聚鑫 天和 广源 新悦")
TRADES = words("早餐店 牛肉面 五金店 超市 水果店 服装店 茶叶店 汽修厂 建材行 餐馆 理发店 药房")
INDUSTRIES = words("商贸 食品 机械 电子 物流 建材 服饰 农业科技 信息技术 包装")
PLACES = words(
    "解放 人民 中山 建设 和平 光明 长青 红旗 东风 新华 文昌 龙泉 白马 青石 石桥 柳林 梅园 竹溪 桃源 双井"
    " 三里 五里 七星 凤凰 金鸡 银杏 翠湖 清河 望江 迎宾 富民 兴业 团结 胜利 学府 锦绣 太平 永安 南湖 北湖"
)


NOTES = words(
    "资金缺口约20万 已介绍利率，考虑中 需与家人商量 他行报价更低 下周再约 已要求提供流水 旺季前用款 转介绍隔壁店主"
)


def pick(rng: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    return choices[int(rng.random() * len(choices))]


def between(rng: np.random.Generator, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return low + int(rng.random() * (high - low + 1))


def person_name(rng: np.random.Generator) -> str:
    given = "".join(pick(rng, GIVEN_NAMES) for _ in range(1 if rng.random() < 0.2 else 2))
    return pick(rng, SURNAMES) + given


def customer_name(rng: np.random.Generator, kind: str) -> str:
    if kind in ("small_company", "startup"):
        return f"江城{pick(rng, BRANDS)}{pick(rng, INDUSTRIES)}有限公司"
    if kind == "farmer" or rng.random() < 0.3:
        return person_name(rng)
    owner = pick(rng, SURNAMES)
    return pick(rng, (f"老{owner}", f"{owner}记", pick(rng, BRANDS))) + pick(rng, TRADES)
