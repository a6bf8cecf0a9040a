// What only a browser can do. It finds everything at the moment it is needed: React may replace any element.
(() => {
	"use strict";
	const root = document.documentElement;
	const $ = (selector, inside = document) => inside.querySelector(selector);
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

	on("input", ({ target: field }) => {
		if (field !== shown) return;
		const { form } = field;
		keep("draft." + draftOf(form), field.value);
		fit(form, field);
		follow();
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
	};
	on("scroll", ({ target }) => target.matches?.("[data-log]") && look(target));
	addEventListener("resize", follow);

	// ---- the voice, the title
	let known, place, spoken, unread = 0;
	const wordsOf = (element) => element?.innerText.replace(/\s+/g, " ").trimStart() || "";
	const say = (words) => {
		const voice = $("[data-voice]");
		if (voice && words) voice.textContent = words;
	};
	const entitle = (count) => {
		unread = count;
		document.title = (count ? `(${count}) ` : "") + document.title.replace(/^\(\d+\) /, "");
	};
	on("visibilitychange", () => document.hidden || entitle(0));

	const listen = () => {
		if (place !== location.pathname) [known, place, spoken] = [new Set(), location.pathname, 0];
		const said = /^.*([.!?…؟:](?=\s)|[。！？])/s.exec(wordsOf($("[data-running] .doc")).slice(spoken))?.[0] || "";
		say(said);
		spoken += said.length;
		const messages = [...document.querySelectorAll("[data-message]")];
		const last = messages.findLastIndex((one) => known.has(one.dataset.message));
		for (const one of known.size ? messages.slice(last + 1) : []) {
			const { role } = one.dataset;
			if (role === ($("[data-log]").dataset.log || "user")) continue; // one's own
			const words = wordsOf($(".rx-Html, .remark", one)), name = wordsOf($(".name", one));
			say(role === "assistant" ? words.slice(spoken) : (name && name + ": ") + words);
			if (role === "assistant") spoken = 0;
			if (role !== "event" && document.hidden) entitle(unread + 1);
		}
		for (const one of messages) known.add(one.dataset.message);
	};

	// ---- clicks
	on("click", async ({ target }) => {
		const pressed = target.closest?.("[data-opens], [data-closes], [data-copy], [data-newest], [popover] a");
		if (!pressed) return;
		const { opens, closes, copy, newest } = pressed.dataset;
		if (opens) $("#" + opens).showModal();
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
		if (field) tend(form, field);
		follow();
		listen();
	}).observe(document, {
		subtree: true, childList: true, characterData: true, attributeFilter: ["data-accepted", "data-draft"],
	});
})();
