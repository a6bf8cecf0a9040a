// What only a browser can do; docs/script.md says which marks it goes by. It finds everything at the moment it
// is needed: React may replace any element.
(() => {
	"use strict";
	const root = document.documentElement;
	const $ = (selector, inside = document) => inside.querySelector(selector);
	const all = (selector) => [...document.querySelectorAll(selector)];
	const on = (type, react) => document.addEventListener(type, react, true);

	// Where storage is forbidden, use memory.
	for (const name of ["localStorage", "sessionStorage"]) {
		try {
			window[name].getItem("");
		} catch {
			const memory = new Map();
			const value = {
				getItem: (key) => memory.get(key) ?? null,
				setItem: (key, text) => memory.set(key, `${text}`),
				removeItem: (key) => memory.delete(key),
			};
			Object.defineProperty(window, name, { value });
		}
	}
	// A full one forgets: an error stops Reflex.
	const { setItem } = Storage.prototype;
	Storage.prototype.setItem = function (...item) {
		try {
			setItem.apply(this, item);
		} catch {}
	};
	const kept = (name) => localStorage.getItem("supportbot." + name) || "";
	const keep = (name, text) => localStorage[text ? "setItem" : "removeItem"]("supportbot." + name, text);
	const random = (bytes) =>
		btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes))))
			.replace(/=/g, "").replace(/\W/g, "-");

	if (!/^[\w-]{43,86}$/.test(kept("visitor"))) keep("visitor", random(32));

	// ---- the field
	let shown, draft, had, told, typed = 0;
	const draftOf = (form) => form.dataset.draft || "new";
	const mine = {}; // other tabs write over what is kept
	const unanswered = (name) => mine[name] || { key: kept("key." + name), text: kept("sent." + name) };

	const tend = (form, field) => {
		const arrived = field !== shown || draftOf(form) !== draft;
		shown = field;
		draft = draftOf(form);
		for (const name of [draft, "new"]) {
			const { key, text } = unanswered(name);
			if (!key || key !== form.dataset.accepted) continue;
			// What was typed since, stays.
			const words = arrived || name !== draft ? kept("draft." + name) : field.value;
			delete mine[name];
			keep("key." + name);
			keep("sent." + name);
			keep("draft." + name);
			keep("draft." + draft, words.startsWith(text) ? words.slice(text.length).trimStart() : words);
			field.value = kept("draft." + draft);
			told = 0;
		}
		if (told !== (told = $("[role=alert]"))) delete form.dataset.sending;
		if (arrived) field.value = kept("draft." + draft);
		had ||= form;
		// A phone's keyboard comes up only if it was up.
		const homeless = !had.isConnected && document.activeElement === document.body;
		if (homeless && (had.name === "message" || matchMedia("(pointer: fine)").matches)) field.focus();
		fit(form, field);
	};

	const fit = (form, field) => {
		if (!CSS.supports("field-sizing", "content")) {
			field.style.height = "";
			field.style.height = field.scrollHeight + "px";
		}
		if (!window.__reflex) return; // not hydrated
		const counter = $(".count", form);
		const left = form.dataset.limit - [...field.value.trim().normalize()].length;
		const words = left < 0 ? counter.dataset.over : left <= form.dataset.limit / 10 ? counter.dataset.left : "";
		const text = words.replace("{count}", Math.abs(left).toLocaleString(root.lang));
		if (counter.textContent === text) return;
		counter.textContent = text;
		if (left < 0 && field.ariaInvalid !== "true") say(text);
		field.ariaInvalid = left < 0;
	};

	on("focus", ({ target }) => (had = target));

	const wrote = (form, field) => {
		keep("draft." + draftOf(form), field.value);
		form.toggleAttribute("data-inserted", put.text !== "" && field.value.includes(put.text));
		fit(form, field);
		follow();
	};

	// What is offered goes to the caret and grows there. Once touched, it is the person's own.
	let put = { text: "" };
	const insert = (form, field) => {
		const source = $("[data-insert]");
		const { insert: mode, insertInto: into, insertNumber: number } = source?.dataset || {};
		if (!+number) return (put.id = 0);
		if (into && into !== draftOf(form)) return;
		const { value, selectionStart: from, selectionEnd: to } = field, id = into + number;
		let old = put.text, at = old && put.into === into ? value.indexOf(old) : -1;
		if (id !== put.id) {
			if (mode !== "replace" || at < 0) old = "";
			put = { ...put, id, into, text: old };
			field.focus();
		}
		if (!old) at = to;
		if (at < 0) return (put.text = "\0"); // to be found nowhere
		const lead = old ? put.lead : /\S$/.test(value.slice(0, at)) ? "\n" : "", end = at + old.length;
		const words = source.textContent, text = lead + words;
		if (!words || text === old) return;
		field.value = value.slice(0, at) + text + value.slice(end);
		const moved = (caret) => (caret < end ? caret : caret + text.length - old.length);
		field.setSelectionRange(moved(from), moved(to));
		put = { ...put, lead, text };
		wrote(form, field);
	};

	on("input", ({ target: field }) => {
		if (field === asked()) return offer();
		if (field !== shown) return;
		const { form } = field;
		wrote(form, field);
		if (form.dataset.typing !== "yes" || Date.now() - typed < 3000) return;
		typed = Date.now();
		$("[data-typing-signal]", form)?.click();
	});

	on("keydown", (event) => {
		const { target: field, key, shiftKey, isComposing, keyCode } = event;
		if (key !== "Enter" || field !== shown || shiftKey || isComposing || keyCode === 229) return;
		event.preventDefault();
		field.form.requestSubmit();
	});

	// Fill in what Reflex reads later.
	on("submit", (event) => {
		const form = event.target;
		const { page, referrer, client_key: key, message: field } = form.elements;
		if (!page) return;
		event.preventDefault();
		if (!window.__reflex && performance.now() < 2e4) {
			event.stopPropagation();
			return setTimeout(() => form.requestSubmit(), 200);
		}
		page.value = location.href;
		referrer.value = document.referrer;
		form.closest("dialog")?.close();
		if (!key) return;
		// The same words, unanswered: the same message.
		const name = draftOf(form), text = field.value, last = unanswered(name);
		key.value = last.text === text ? last.key : random(16);
		mine[name] = { text, key: key.value };
		keep("key." + name, key.value);
		keep("sent." + name, text);
		following = true;
		form.dataset.sending = "";
		if (field === shown) field.focus();
	});

	// ---- the view
	let following = true, top = 0, height = 0, oldest;

	const follow = () => {
		const log = $("[data-log]");
		if (!log) return;
		const first = $("[data-message]", log)?.dataset.message;
		if (oldest && first !== oldest && $(`[data-message="${oldest}"]`, log)) {
			log.scrollTop += log.scrollHeight - height;
		} else if (following && $("[data-role]", log)) log.scrollTop = log.scrollHeight;
		oldest = first;
		height = log.scrollHeight;
		look(log);
	};
	const look = (log) => {
		following &&= log.scrollTop >= top - 1;
		following ||= log.scrollHeight - log.scrollTop - log.clientHeight < 48;
		top = log.scrollTop;
		root.toggleAttribute("data-away", !following);
		see();
	};
	on("scroll", ({ target }) => target.matches?.("[data-log]") && look(target));
	addEventListener("resize", follow);

	// A page that is looked at says so when a person's words have been shown.
	let saw, sawAt = 0, seeing;
	const see = () => {
		const signal = $("[data-seen-signal]");
		if (!signal || !following || document.hidden || seeing) return;
		const whose = signal.dataset.seenSignal || "staff";
		const last = all(`[data-message][data-role=${whose}]`).pop()?.dataset.message;
		if (!last || last === saw) return;
		seeing = setTimeout(() => {
			seeing = 0;
			if (document.hidden) return;
			[saw, sawAt] = [last, Date.now()];
			$("[data-seen-signal]")?.click();
			see();
		}, sawAt + 3000 - Date.now());
	};

	// ---- the voice, the title
	let known, place, spoken, unread = 0;
	const wordsOf = (element) => element?.innerText.replace(/\s+/g, " ").trimStart() || "";
	const say = (words) => {
		const voice = $("[data-voice]");
		if (voice && words) voice.textContent = words;
	};
	const entitle = () => {
		const count = +(frame()?.dataset.waiting || unread);
		const title = (count ? `(${count}) ` : "") + document.title.replace(/^\(\d+\) /, "");
		if (title !== document.title) document.title = title;
	};
	on("visibilitychange", () => {
		if (document.hidden) return;
		unread = 0;
		entitle();
		see();
	});

	const listen = () => {
		if (place !== location.pathname) [known, place, spoken] = [new Set(), location.pathname, 0];
		const said = /^.*([.!?…؟:](?=\s)|[。！？])/s.exec(wordsOf($("[data-running] .doc")).slice(spoken))?.[0] || "";
		say(said);
		spoken += said.length;
		const messages = all("[data-message]");
		const last = messages.findLastIndex((one) => known.has(one.dataset.message));
		for (const one of known.size ? messages.slice(last + 1) : []) {
			const { role } = one.dataset;
			if (role === ($("[data-log]").dataset.log || "user")) continue; // one's own
			const words = wordsOf($(".rx-Html, .remark", one)), name = wordsOf($(".name", one));
			say(role === "assistant" ? words.slice(spoken) : (name && name + ": ") + words);
			if (role === "assistant") spoken = 0;
			if (role !== "event" && document.hidden) unread++;
		}
		for (const one of messages) known.add(one.dataset.message);
	};

	// ---- the desk: what is new
	const frame = () => $("[data-waiting]");
	let heard, audio, plain;

	const watch = () => {
		const news = { ...frame()?.dataset };
		entitle();
		badge(+news.waiting);
		if (!news.alert) return;
		if (+news.alert > heard) ring(news);
		heard = Math.max(heard || 0, news.alert);
	};
	const badge = (count) => {
		const icon = $("link[rel=icon]");
		if (!icon || (!count && !plain)) return;
		plain ||= icon.href;
		const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" rx="2" fill="#b3261e"/>
<text x="4.5" y="6.7" fill="#fff" style="font:700 6px sans-serif;text-anchor:middle">${count > 9 ? "9+" : count}</text></svg>`;
		const href = count ? "data:image/svg+xml," + encodeURIComponent(svg) : plain;
		if (icon.href !== href) icon.href = href;
	};

	// Of several tabs the one that shows the conversation is first, and silent; else the last to claim it is loud.
	const me = random(6);
	const ring = ({ alert, alertText: words, alertUrl: url, sounds, quiet }) => {
		if (quiet === "yes") return;
		const looking = !document.hidden && location.pathname.startsWith(url), claim = alert + " " + me;
		if (!looking) say(words);
		setTimeout(() => {
			if (parseInt(kept("rung")) >= alert) return;
			keep("rung", claim);
			setTimeout(() => {
				if (looking || kept("rung") !== claim) return;
				if (sounds === "yes") sound();
				notify(words, alert, url);
			}, 200);
		}, looking ? 0 : document.hidden ? 400 : 200);
	};
	const sound = () => {
		(audio ||= new AudioContext()).resume();
		const at = audio.currentTime, voice = audio.createOscillator(), volume = audio.createGain();
		voice.frequency.setValueAtTime(587, at);
		voice.frequency.setValueAtTime(880, at + 0.15);
		volume.gain.setValueAtTime(0.1, at);
		volume.gain.exponentialRampToValueAtTime(0.001, at + 0.7);
		voice.connect(volume).connect(audio.destination);
		voice.start(at);
		voice.stop(at + 0.7);
	};
	const notify = (words, tag, url) => {
		if (window.Notification?.permission !== "granted" || (!document.hidden && document.hasFocus())) return;
		try {
			const note = new Notification(words, { tag });
			note.onclick = () => {
				focus();
				note.close();
				location = url;
			};
		} catch {} // phones have none of this kind
	};
	const permitted = () => (root.dataset.notifications = window.Notification?.permission);

	// ---- the desk: keys
	let prefix = "", struck = 0;
	const able = (one) =>
		!one.disabled && getComputedStyle(one).display !== "none" &&
		(one.closest("[popover]") || (!one.closest("dialog") && one.checkVisibility()));
	const press = (one) => (one.matches("textarea, select, input:not([type=checkbox])") ? one.focus() : one.click());

	on("keydown", (event) => {
		const { target, key, ctrlKey, metaKey } = event, box = $("dialog[open]"), arrow = { ArrowDown: 1, ArrowUp: -1 }[key];
		if (!frame() || event.isComposing || event.altKey) return;
		const act = (what) => (event.preventDefault(), what());
		if (ctrlKey || metaKey) return key === "k" && act(() => (box ? box.close() : show(palette())));
		if (box === palette()) return arrow ? act(() => choose(chosen + arrow)) : key === "Enter" && act(() => run(chosen));
		if (box) return;
		if (target.closest?.("input, textarea, select")) return key === "Escape" && target.blur();
		const begun = Date.now() - struck < 1000 ? prefix : "", keys = all("[data-key]").filter(able);
		prefix = "";
		// What is on this page comes before the bar above it.
		const hit = keys.findLast((one) => one.dataset.key === begun + key);
		if (hit) return act(() => event.repeat || press(hit));
		if (begun) return;
		if (keys.some((one) => one.dataset.key.startsWith(key + " "))) [prefix, struck] = [key + " ", Date.now()];
		const rows = all("[data-row]").filter(able), row = rows.indexOf(document.activeElement);
		const step = { j: 1, k: -1 }[key] || (row >= 0 && arrow);
		if (step) act(() => rows[Math.max(row + step, 0)]?.focus());
	});

	// ---- the desk: the palette
	let offers = [], chosen = 0;
	const palette = () => $("[data-palette]");
	const asked = () => $("[data-palette] input");
	const show = (box) => {
		box.showModal();
		if (box !== palette()) return;
		asked().value = "";
		offer();
	};
	const offer = () => {
		const list = $("ul", palette()), { search, find } = list.dataset, typed = asked().value.trim();
		const words = typed.toLowerCase().split(/\s+/);
		const fits = (one) => words.every((word) => (" " + one.dataset.command.toLowerCase()).includes(" " + word));
		const bar = all(".desk-bar [data-command]"), page = all("[data-command]").filter((one) => !bar.includes(one));
		offers = [...page, ...bar].filter((one) => able(one) && fits(one))
			.map((one) => [() => press(one), one.dataset.command, one.dataset.key]);
		if (typed) offers.push([() => (location = search + encodeURIComponent(typed)), find.replace("{words}", typed)]);
		list.replaceChildren(...offers.map(([, name, key], at) => {
			const line = document.createElement("li");
			line.id = "offer-" + (line.dataset.offer = at);
			line.role = "option";
			line.textContent = name;
			if (key) line.dataset.hint = key;
			return line;
		}));
		choose(0);
	};
	const choose = (at) => {
		chosen = (at + offers.length) % (offers.length || 1);
		all("[data-offer]").forEach((one, at) => (one.ariaSelected = at === chosen));
		asked().setAttribute("aria-activedescendant", "offer-" + chosen);
		$("#offer-" + chosen)?.scrollIntoView({ block: "nearest" });
	};
	const run = (at) => {
		palette().close();
		offers[at]?.[0]();
	};

	// ---- clicks
	on("click", async ({ target }) => {
		if (frame()) (audio ||= new AudioContext()).resume(); // from now on the browser allows sound
		const pressed = target.closest?.(
			"[data-opens], [data-closes], [data-copy], [data-newest], [data-notify], [data-offer], [popover] a",
		);
		if (!pressed) return;
		const { opens, closes, copy, newest, notify, offer } = pressed.dataset;
		if (opens) show($("#" + opens));
		else if (offer) run(offer);
		else if (notify === "") Notification.requestPermission().then(permitted);
		else if (closes) pressed.closest("dialog").close();
		else if (newest === "") follow((following = true));
		else if (!copy) pressed.closest("[popover]").hidePopover();
		else {
			const answer = $(".doc", pressed.closest("[data-message]"));
			try {
				await navigator.clipboard.writeText(answer.innerText);
			} catch {
				getSelection().selectAllChildren(answer); // plain http
				document.execCommand("copy");
			}
			pressed.dataset.done = "";
			say(copy);
			setTimeout(() => delete pressed.dataset.done, 2000);
		}
	});

	new MutationObserver(() => {
		const form = $("[data-composer]"), field = form?.elements.message;
		if (field) {
			tend(form, field);
			insert(form, field);
		}
		follow();
		listen();
		watch();
	}).observe(document, {
		subtree: true, childList: true, characterData: true,
		attributeFilter: ["data-accepted", "data-draft", "data-insert-number", "data-waiting", "data-alert"],
	});
	permitted();
	root.toggleAttribute("data-mac", /Mac|iP/.test(navigator.platform));
})();

// The editor of articles: what only a browser can do while one is written. On other pages it finds no form.
(() => {
	"use strict";
	const $ = (selector) => document.querySelector(selector);
	const on = (type, react) => document.addEventListener(type, react, true);
	const NAMES = ["title", "description", "language", "slug", "body"];
	const PAUSE = 600;

	let shown, article, base = 0, stored = "", loaded = false, theirs = 0;
	const form = () => $("[data-article]");
	const typed = (one) => Object.fromEntries(NAMES.map((name) => [name, one.elements[name].value]));
	const words = (one) => JSON.stringify(typed(one));
	const dirty = () => loaded && words(shown) !== stored;
	const address = (one, what) => `${one.dataset.texts}${one.dataset.article}/${what}`;

	const fill = (one, given) => {
		for (const name of NAMES) {
			const field = one.elements[name], value = given[name] ?? "";
			field.value = value;
			if (field.value !== value && field.options) {
				field.add(new Option(value, value));
				field.value = value;
			}
		}
	};
	const stand = (how) => {
		const line = $("[data-standing]");
		line.dataset.standing = how;
		line.textContent = line.dataset[how] || "";
		$("[data-drop]").hidden = how !== "kept";
	};
	const complain = (sentence, name) => {
		const line = $("[data-problem]");
		line.hidden = !sentence;
		line.textContent = sentence || "";
		for (const one of NAMES) shown.elements[one].ariaInvalid = one === name;
		if (name) shown.elements[name].focus();
	};

	// ---- what is not saved, kept under the name the article had when it was loaded
	let place = "";
	const named = (name) => "supportbot.article." + name;
	const keep = (one) => localStorage.setItem(place, JSON.stringify({ base, words: typed(one) }));
	const kept = () => {
		try {
			return JSON.parse(localStorage.getItem(place));
		} catch {
			return null;
		}
	};
	const drop = () => localStorage.removeItem(place);

	// ---- the text comes
	const send = async (url, body) => {
		const answer = await fetch(url, { credentials: "include", ...(body && { method: "POST", body }) });
		return { answer, said: answer.headers.get("content-type")?.includes("json") ? await answer.json() : {} };
	};
	const load = async (one) => {
		const name = one.dataset.article;
		let given = { language: one.elements.language.options[0].value }, version = 0;
		loaded = false;
		place = named(one.dataset.draft);
		stand("loading");
		if (+one.dataset.version) {
			try {
				const { answer, said } = await send(address(one, "text"));
				if (!answer.ok) throw new Error(said.sentence);
				({ version, ...given } = said);
			} catch {
				return one === shown && stand("unread");
			}
		}
		if (one !== shown || name !== article) return;
		fill(one, given);
		base = version;
		stored = words(one);
		loaded = true;
		for (const field of ["title", "body"]) one.elements[field].readOnly = false;
		if (one.elements.pane.value === "write" && matchMedia("(min-width: 900px)").matches) one.elements.pane.value = "preview";
		complain();
		quicker();
		stand("");
		const draft = kept();
		if (draft) {
			fill(one, draft.words);
			if (words(one) === stored) drop();
			else {
				base = draft.base;
				stand("kept");
			}
		}
		if (!version && !draft) one.elements.title.focus();
		preview();
	};

	const tend = () => {
		const one = form();
		if (one !== shown || one?.dataset.article !== article) {
			if (dirty()) keep(shown);
			[shown, article, loaded, previewed] = [one, one?.dataset.article, false, ""];
			if (one) load(one);
		} else if (one && loaded && !saving && +one.dataset.version > base && !dirty()) load(one);
	};

	// ---- typing
	let pause;
	const settle = () => {
		clearTimeout(pause);
		if (!shown || !loaded || !shown.isConnected) return;
		if (dirty()) keep(shown);
		else drop();
		preview();
	};
	on("input", ({ target }) => {
		if (!loaded || target.form !== shown) return;
		if (target.name === "pane") return preview();
		stand(dirty() ? "unsaved" : "");
		clearTimeout(pause);
		pause = setTimeout(settle, PAUSE);
	});
	on("visibilitychange", settle);
	addEventListener("pagehide", settle);
	on("click", (event) => {
		// By a link to another page of ours this one goes without a word.
		if (dirty()) settle();
		const pressed = event.target.closest?.("[data-needs-saved], [data-drop], [data-over], [data-give-up]");
		if (!pressed || !shown) return;
		const { needsSaved, over } = pressed.dataset;
		if (needsSaved === "") {
			if (!dirty()) return;
			event.preventDefault();
			event.stopPropagation();
			complain(shown.dataset.saveFirst);
		} else if (over === "") {
			base = theirs;
			quicker();
			shown.requestSubmit($("[data-how=save]"));
		} else {
			drop();
			load(shown);
		}
	});

	// ---- saving
	let saving = 0, queue = Promise.resolve();
	const save = async (one, how) => {
		const sent = typed(one), body = new URLSearchParams({ ...sent, over: base, publish: how === "publish" ? "yes" : "" });
		let result;
		stand("saving");
		try {
			result = await send(address(one, "text"), body);
		} catch {}
		if (one !== shown) return;
		if (!result?.answer.ok) {
			keep(one);
			stand(result ? "refused" : "offline");
			if (result?.answer.status === 409) return quicker(result.said);
			return complain(result?.said.sentence, result?.said.field);
		}
		const { version, slug } = result.said;
		// What was typed meanwhile stays.
		if (one.elements.slug.value === sent.slug) one.elements.slug.value = slug;
		sent.slug = slug;
		base = version;
		stored = JSON.stringify(sent);
		complain();
		quicker();
		drop();
		place = named(one.dataset.article);
		if (dirty()) pause = setTimeout(settle, PAUSE);
		stand(dirty() ? "unsaved" : how === "publish" ? "published" : "saved");
		const page = one.dataset.page + one.dataset.article;
		if (location.pathname !== page) history.replaceState(history.state, "", page);
		$("[data-saved-signal]").click();
	};
	on("submit", (event) => {
		if (event.target !== form()) return;
		event.preventDefault();
		event.stopPropagation();
		if (!loaded) return;
		const how = event.submitter?.dataset.how || "save", one = shown;
		saving++;
		queue = queue.then(() => save(one, how)).finally(() => saving--);
	});
	on("keydown", (event) => {
		if (!form() || event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
		event.preventDefault();
		if (!$("dialog[open]")) form().requestSubmit($("[data-how=save]"));
	});

	// Somebody was quicker: what is different, and the person chooses.
	const quicker = async (said) => {
		const box = $("[data-meanwhile]"), frame = $("[data-theirs]");
		box.hidden = !said;
		theirs = said?.version || 0;
		$("[data-meanwhile-sentence]").textContent = said?.sentence || "";
		if (!said) return;
		complain();
		const body = new URLSearchParams(typed(shown));
		const answer = await fetch(address(shown, `compare?from=${theirs}`), { method: "POST", body, credentials: "include" });
		if (answer.ok) frame.srcdoc = await answer.text();
		box.scrollIntoView({ block: "nearest" });
	};

	// ---- the preview: one at a time, and where one had scrolled to
	let previewed = "", previewing = false;
	const preview = async () => {
		const frame = $("[data-preview]"), one = shown;
		if (!loaded || previewing || !frame?.checkVisibility() || words(one) === previewed) return;
		previewing = true;
		const seen = words(one);
		try {
			const body = new URLSearchParams(typed(one));
			const answer = await fetch(one.dataset.texts + "preview", { method: "POST", body, credentials: "include" });
			const html = answer.ok && (await answer.text());
			if (html && one === shown) {
				const top = frame.contentWindow.scrollY;
				frame.onload = () => frame.contentWindow.scrollTo(0, top);
				frame.srcdoc = html;
				previewed = seen;
			}
		} catch {
		} finally {
			previewing = false;
		}
		if (previewed === seen && words(one) !== seen) preview();
	};
	addEventListener("resize", preview);

	new MutationObserver(tend).observe(document, {
		subtree: true, childList: true, attributeFilter: ["data-article", "data-version"],
	});
	tend();
})();
