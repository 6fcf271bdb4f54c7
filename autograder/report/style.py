"""How every page looks: light and dark, from a telephone to a desk. Nothing is asked for."""

from __future__ import annotations

STYLE = """\
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #f2f4f6; --dim: #57606a;
  --line: #d5dade; --good: #1a7f37; --bad: #c62828; --ours: #8e24aa; --bar: #2467b5;
  --shade1: #cfe9dd; --shade2: #93d0b2; --shade3: #4fae82; --shade4: #1d8a5b }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --paper: #0f1317; --soft: #1a2027;
  --dim: #9aa5b0; --line: #323b45; --good: #4cc38a; --bad: #ff7b72; --ours: #d2a8ff;
  --bar: #5b9df0; --shade1: #173a2b; --shade2: #1e6145; --shade3: #2c9468; --shade4: #53cf98 } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 0 }
main { max-width: 74rem; margin: 0 auto; padding: 1.5rem 1rem 4rem;
  overflow-wrap: break-word }
h1 { font-size: 1.5rem; margin: 0 0 .5rem } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem }
a { color: var(--bar) } :focus-visible { outline: 3px solid var(--bar); outline-offset: 2px }
table { border-collapse: collapse; width: 100% } caption { text-align: left }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left;
  vertical-align: top }
thead th { color: var(--dim); font-weight: 600; font-size: .9rem }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.fine { color: var(--dim); font-size: .9rem } .scroll { overflow-x: auto }
.fail, .timeout { color: var(--bad) } .pass { color: var(--good) } .error { color: var(--ours) }
.not_attempted, .blocked, .skipped { color: var(--dim) }
pre { background: var(--soft); padding: .7rem; overflow-x: auto; margin: .5rem 0; font-size: .9rem;
  overflow-wrap: normal }
summary { cursor: pointer; color: var(--bar) } .here { font-weight: bold; color: var(--bad) }
fieldset { border: 0; padding: 0; margin: 1rem 0 } legend { float: left; margin-right: 1rem }
label { margin-right: 1rem; cursor: pointer; white-space: nowrap }
@media print { fieldset, nav { display: none } }
"""
"""Text keeps a contrast of at least 4.5 to its paper, in both."""
