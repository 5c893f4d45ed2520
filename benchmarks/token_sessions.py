"""Sessions for counting tokens: code, prose, Chinese, Japanese and Korean, and all of it mixed with figures."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolSpec

KINDS = ("code", "prose", "cjk", "mixed")
COMPACTED_AT = (12, 19)
"""Steps before which what is old is left out."""

_HERE = Path(__file__).parent.parent
_RESULT_CHARS = (300, 9_000)
_KEPT = 10
_CJK = (
    "关于这个函数的返回值需要注意的是 列表为空时会抛出异常 请先检查输入的参数是否正确 然后再运行测试 "
    "文件已经保存 配置没有变化 解析器在处理空行时失败 数据库连接超时 缓存被清除了 用户没有权限访问该目录 "
    "修改之后性能提高了百分之二十 这段代码可以简化 この関数は値を返す前に入力を確認します "
    "エラーが発生した場合は例外を投げます テストはすべて成功しました 設定ファイルを読み込んでいます "
    "変数の名前をわかりやすく変更しました 次のステップで処理を続けてください "
    "データベースへの接続に失敗しました 이 함수는 빈 목록을 처리하지 못합니다 설정 파일을 다시 읽어야 합니다 "
    "테스트가 모두 통과했습니다 사용자에게 오류를 알려 주세요 데이터를 저장하기 전에 형식을 확인합니다"
)
_ENDS = "。。。、，！？\n"


@dataclass(frozen=True)
class Sources:
    """Where the texts are cut from."""

    code: str
    prose: str

    @classmethod
    def of_project(cls) -> Sources:
        """Return this project's own modules and documents."""
        modules = sorted((_HERE / "trashclaw" / "agent").glob("*.py"))
        documents = sorted((_HERE / "docs").glob("*.md"))
        code, prose = ("\n".join(path.read_text(encoding="utf-8") for path in paths) for paths in (modules, documents))
        return cls(code, prose)

    def text(self, kind: str, chars: int, dice: random.Random) -> str:
        """Return a text of a kind, of about so many characters."""
        if kind == "mixed":
            kind = dice.choice(("code", "prose", "cjk", "figures"))
        if kind == "cjk":
            sentences = _CJK.split()
            return "".join(dice.choice(sentences) + dice.choice(_ENDS) for _ in range(chars // 16))
        if kind == "figures":
            rows = (
                f"{dice.random():12.6f}  0x{dice.getrandbits(32):08x}   {dice.randint(0, 10**6):>9}" for _ in range(99)
            )
            return "\n".join(rows)[:chars]
        source = self.code if kind == "code" else self.prose
        start = dice.randrange(max(1, len(source) - chars))
        text = source[start : start + chars]
        if kind == "code":
            return "\n".join(f"{number}\t{line}" for number, line in enumerate(text.split("\n"), dice.randint(1, 400)))
        return text


@dataclass(frozen=True)
class Due:
    """A request of a session."""

    request: Request
    written: str
    """What the model writes as the answer to it."""

    is_after_compaction: bool = False


def session(kind: str, steps: int, system: str, tools: tuple[ToolSpec, ...], seed: int) -> Iterator[Due]:
    """Yield the requests of a session, one after the other."""
    dice, sources = random.Random(f"{kind} {seed}"), Sources.of_project()
    words = "prose" if kind in ("code", "mixed") else kind
    messages = [Message(Role.SYSTEM, system), Message(Role.USER, sources.text(words, 300, dice))]
    for step in range(steps):
        if is_cut := step in COMPACTED_AT:
            messages = _compacted(messages)
        more = _step(kind, step, sources, dice)
        yield Due(Request(tuple(messages), tools), _written(more[0]), is_cut)
        messages += more


def _step(kind: str, step: int, sources: Sources, dice: random.Random) -> list[Message]:
    words = "prose" if kind in ("code", "mixed") else kind
    said = sources.text(words, dice.randint(40, 400), dice)
    if step % 6 == 5:
        return [Message(Role.ASSISTANT, said * 2), Message(Role.USER, sources.text(words, 200, dice))]
    path = f"src/{dice.choice(('parser', 'lexer', 'tables'))}_{step}.py"
    arguments = {"path": path, "offset": dice.randint(1, 900)}
    if step % 4 == 3:
        arguments = {"path": path, "content": sources.text(kind, dice.randint(200, 2_000), dice)}
    text = json.dumps(arguments, ensure_ascii=False)
    call = ToolCall(
        call_id=CallId(f"call_{step}"), name="read_file" if "offset" in arguments else "write_file", arguments=text
    )
    result = sources.text(kind, dice.randint(*_RESULT_CHARS), dice)
    return [
        Message(Role.ASSISTANT, said.strip(), calls=(call,)),
        Message(Role.TOOL, result, call_id=call.call_id, tool_name=call.name),
    ]


def _written(answer: Message) -> str:
    """Return an answer as the model has written it."""
    calls = (f'\n<tool_call>\n{{"name": "{c.name}", "arguments": {c.arguments}}}\n</tool_call>' for c in answer.calls)
    return f"{answer.text}{''.join(calls)}<|im_end|>"


def _compacted(messages: list[Message]) -> list[Message]:
    """Return the messages with all old results as a line each."""
    old, kept = messages[:-_KEPT], messages[-_KEPT:]
    return [*(_stub(message) if message.role is Role.TOOL else message for message in old), *kept]


def _stub(message: Message) -> Message:
    return replace(
        message, text=f"[{message.tool_name} of {len(message.text)} characters was left out; recall shows it]"
    )
