"""The colours of charts, for light and for dark.

A chart is drawn in the light ones. Rules of CSS, by the colours themselves, change them
where the reader's system is dark. On the light ground and on the dark one, texts have a
contrast of at least 4.5 and the series one of 3.
"""

from types import MappingProxyType

GROUND, INK, SOFT, LINE = "#ffffff", "#1a1f2e", "#565e72", "#dfe2ea"
SERIES = (
    *("#3a45c4", "#0f7b6c", "#b45f06", "#b3315f"),
    *("#0b74b8", "#7d3fb0", "#5e7212", "#5b6478"),
)
DARK = MappingProxyType(
    {
        GROUND: "#191c26",
        INK: "#e9ebf2",
        SOFT: "#a9b0c2",
        LINE: "#2c3140",
        **dict(
            zip(
                SERIES,
                (
                    *("#a3acff", "#4fd1bd", "#f5b55e", "#f48fb1"),
                    *("#6cc3ff", "#cf9cf5", "#bcd35f", "#b7bfd1"),
                ),
                strict=True,
            )
        ),
    }
)


def dark_rules(within: str = "") -> str:
    """The rules of CSS that change the colours of a chart `within` something."""
    rules = (
        f'{within}[{kind}="{light}"]{{{kind}:{dark}}}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
