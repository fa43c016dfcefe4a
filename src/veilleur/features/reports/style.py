"""How a report looks: an A4 page, black on white, the same on paper and on screen."""

from __future__ import annotations

CSS = """
@page { size: A4; margin: 16mm 15mm 18mm;
  @bottom-left { content: "REFERENCE"; font: 8pt sans-serif; color: #444 }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #444 } }
* { box-sizing: border-box }
html { background: #e9ebee }
body { margin: 0 auto; max-width: 210mm; background: #fff; color: #14171b; padding: 16mm 15mm;
  font: 10pt/1.42 Inter, "Liberation Sans", "DejaVu Sans", Arial, sans-serif; font-variant-numeric: tabular-nums }
@media print { html { background: #fff } body { padding: 0; max-width: none } .screen { display: none } }
header { display: grid; grid-template-columns: 1fr auto; gap: 2mm 8mm; border-bottom: 1.2pt solid #14171b;
  padding-bottom: 4mm; margin-bottom: 5mm }
header .house { font-weight: 650; font-size: 11pt } header .ref { text-align: right; font-weight: 650 }
h1 { grid-column: 1 / -1; font-size: 18pt; line-height: 1.15; margin: 2mm 0 0; letter-spacing: -.01em }
header .sub { grid-column: 1 / -1; color: #444; margin: 0 }
h2 { font-size: 11.5pt; margin: 6.5mm 0 2mm; break-after: avoid }
dl { display: grid; grid-template-columns: 44mm 1fr; gap: .8mm 4mm; margin: 0 }
dl + dl { border-top: .4pt solid #ccd1d7; margin-top: 2.5mm; padding-top: 2.5mm }
.services dl, .interventions dl { grid-template-columns: 38mm 1fr 38mm 1fr; break-inside: avoid }
.proof { break-before: page }
dt { color: #555 } dd { margin: 0; font-weight: 550 }
table { width: 100%; border-collapse: collapse; font-size: 9pt }
th { text-align: left; font-weight: 600; color: #555; border-bottom: .8pt solid #14171b; padding: 1mm 2mm 1mm 0;
  vertical-align: bottom }
td { padding: 1.1mm 2mm 1.1mm 0; border-bottom: .4pt solid #ccd1d7; vertical-align: top }
tr { break-inside: avoid } td.when { white-space: nowrap }
.none { color: #555; margin: 0 }
.mark { border: 1.6pt solid #14171b; font-weight: 700; text-align: center; letter-spacing: .08em; padding: 1.5mm;
  margin: 0 0 4mm }
.result { border: 1pt solid #14171b; padding: 2.5mm 4mm; margin: 0 0 3mm; font-size: 11pt; font-weight: 650 }
.small { font-size: 8pt; color: #444 } p.small { margin: 1.5mm 0 }
pre, code { font: 7.4pt/1.4 "Liberation Mono", "DejaVu Sans Mono", monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; margin: 1mm 0 }
footer { margin-top: 8mm; border-top: .6pt solid #14171b; padding-top: 2.5mm; font-size: 8pt; color: #333 }
footer p { margin: .6mm 0 }
.screen { background: #eef4fb; border: .6pt solid #b8cfe6; padding: 2mm 4mm; margin: 0 0 5mm; font-size: 9pt }
"""


def style(reference: str) -> str:
    """The style sheet; the dossier's reference is at the foot of each printed page."""
    return CSS.replace("REFERENCE", "".join(c for c in reference if c.isalnum() or c in "-/ "))
