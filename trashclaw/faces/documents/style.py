"""How the HTML page looks."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ground: #fbfaf8; --card: #ffffff; --ink: #1f2328; --soft: #59616b; --line: #dcdad5;
  --accent: #0b6a6f; --you: #e8f2f1; --code: #f1efea; --good: #17692f; --bad: #b3261e; --warn: #8a5300;
  --add: #dff3e3; --cut: #fbe3e1; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181b; --card: #1d2024; --ink: #e4e6e9; --soft: #a0a7b1;
  --line: #33373d; --accent: #6cc7c4; --you: #1f2d2f; --code: #25292e; --good: #7fd197; --bad: #ff9a90; --warn: #e8b765;
  --add: #1b3524; --cut: #40211f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }
header, main { max-width: 54rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; margin-bottom: 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
header p { color: var(--soft); margin: 0; padding-bottom: 1.25rem; border-bottom: 1px solid var(--line); }
main { padding-bottom: 4rem; }
h2 { font-size: 1rem; margin: 0 0 .25rem; color: var(--accent); }
.you { background: var(--you); border-left: 4px solid var(--accent); border-radius: 6px; padding: .75rem 1rem;
  margin: 2rem 0 1rem; }
.words, .thought div { white-space: pre-wrap; overflow-wrap: anywhere; }
.model { margin: 1rem 0; overflow-wrap: anywhere; }
.model h3, .model h4, .model h5, .model h6 { font-size: 1rem; line-height: 1.35; margin: 1.2rem 0 .4rem; }
.model h3 { font-size: 1.35rem; }
.model h4 { font-size: 1.15rem; }
hr { border: 0; border-top: 1px solid var(--line); margin: 1.25rem 0; }
a { color: var(--accent); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875rem; }
code { background: var(--code); border-radius: 4px; padding: .1em .3em; overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 6px; padding: .75rem 1rem; overflow-x: auto; line-height: 1.45;
  margin: .5rem 0; tab-size: 4; }
pre code { background: none; padding: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .3rem .7rem; text-align: left; }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--soft); }
details { background: var(--card); border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0;
  padding: .4rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.outcome, .thought summary, .note { color: var(--soft); }
.thought { font-style: italic; }
.done .sign, .done .status { color: var(--good); }
.failed .sign, .failed .status, .rejected .sign, .rejected .status, .error { color: var(--bad); }
.warning { color: var(--warn); }
figure { margin: .75rem 0; }
figcaption, .hunk { color: var(--soft); font-size: .875rem; }
.hunk { margin: .5rem 0 0; }
.diff { display: grid; grid-template-columns: minmax(max-content, 1fr); padding-left: 0; padding-right: 0; }
.diff > * { text-decoration: none; padding: 0 1rem; }
.diff ins { background: var(--add); }
.diff del { background: var(--cut); }
.end { color: var(--soft); font-size: .875rem; border-bottom: 1px solid var(--line); padding-bottom: .75rem; }
.end.error { color: var(--bad); }
.plan { margin-top: 2rem; }
@media print { body { background: none; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  details::details-content { content-visibility: visible; block-size: auto; } }
"""
