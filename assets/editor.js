// What only a browser can do while an article is written; docs/script.md says which marks it goes by. Like
// supportbot.js it finds everything at the moment it is needed. What is typed is kept here until it is saved.
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
