"""Numbers in words and tables: one way to write each kind."""


def number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def percents(low: float, high: float) -> str:
    return f"{percent(low)} to {percent(high)}"


def points(difference: float) -> str:
    """Return a difference of shares in percentage points, without its sign."""
    return f"{abs(100 * difference):.1f}"


def decimal(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def decimals(low: float, high: float) -> str:
    return f"{decimal(low)} to {decimal(high)}"


def signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def ratings(low: float, high: float) -> str:
    return f"{signed(low)} to {signed(high)}"


def p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def relation(p: float) -> str:
    return p_value(p) if p < 0.001 else f"= {p_value(p)}"


def joined(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
