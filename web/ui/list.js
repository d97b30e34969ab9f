// Lists that refresh themselves: htmx, and nothing of it that a strict content policy would refuse.
import htmx from 'htmx.org';

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;   // would be an inline <style>
