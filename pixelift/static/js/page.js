// What every page has. Each page works without it: forms post, links lead on, dialogs and menus are the browser's own.
import "./copy.js";
import "./dialogs.js";
import "./live.js";
import "./menus.js";
import "./pulse.js";
import "./sliders.js";
import "./theme.js";
