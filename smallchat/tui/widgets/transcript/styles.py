"""How the transcript looks unless a theme says otherwise: one component class for each role of text."""

STYLES = """
Transcript {
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    scrollbar-color: $foreground 18%;
    scrollbar-color-hover: $foreground 35%;
    scrollbar-color-active: $accent;
    scrollbar-background: $background;
    scrollbar-background-hover: $background;
    scrollbar-background-active: $background;
    background: $background;
    color: $foreground;
    & > .transcript--heading { color: $text-primary; text-style: bold; }
    & > .transcript--subheading { text-style: bold; }
    & > .transcript--faint { color: $foreground 55%; }
    & > .transcript--bar { color: $foreground 30%; }
    & > .transcript--rule { color: $foreground 22%; }
    & > .transcript--marker { color: $text-accent; }
    & > .transcript--done { color: $text-success; }
    & > .transcript--link { color: $text-primary; text-style: underline; }
    & > .transcript--table-head { text-style: bold; }
    & > .transcript--prompt { text-style: bold; }
    & > .transcript--prompt-bar { color: $accent; }
    & > .transcript--thinking { color: $foreground 60%; }
    & > .transcript--thinking-bar { color: $foreground 30%; }
    & > .transcript--thinking-label { color: $foreground 55%; text-style: italic; }
    & > .transcript--note { color: $foreground 55%; }
    & > .transcript--error { color: $text-error; }
    & > .transcript--figures { color: $foreground 55%; }
    & > .transcript--found { background: $warning 45%; }
    & > .transcript--code { background: $foreground 6%; }
    & > .transcript--code-inline { color: $text-accent; background: $foreground 6%; }
    & > .transcript--code-label { color: $foreground 45%; text-style: italic; background: $foreground 6%; }
    & > .transcript--code-comment { color: $foreground 50%; text-style: italic; background: $foreground 6%; }
    & > .transcript--code-keyword { color: $text-primary; background: $foreground 6%; }
    & > .transcript--code-type { color: $text-secondary; background: $foreground 6%; }
    & > .transcript--code-function { color: $text-accent; background: $foreground 6%; }
    & > .transcript--code-string { color: $text-success; background: $foreground 6%; }
    & > .transcript--code-number { color: $text-warning; background: $foreground 6%; }
    & > .transcript--code-deleted { color: $text-error; background: $foreground 6%; }
    & > .transcript--code-inserted { color: $text-success; background: $foreground 6%; }
}
"""
