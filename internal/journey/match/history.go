// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

// history holds the traits or groups of a person over time, in the order of the events. The texts are in one buffer, which is reused for the next person.
type history struct {
	entries []historyEntry
	texts   []byte
	scratch object
}

type historyEntry struct {
	time     int64
	from, to int
	// public is set if anybody can have sent it.
	public bool
}

func (h *history) reset() {
	h.entries, h.texts = h.entries[:0], h.texts[:0]
}

func (h *history) add(time int64, raw string, public bool) {
	if raw == "" || raw == "{}" {
		return
	}
	from := len(h.texts)
	h.texts = append(h.texts, raw...)
	h.entries = append(h.entries, historyEntry{time: time, from: from, to: len(h.texts), public: public})
}

// at returns the latest value of a key at or before an instant. Values of trusted sources count first; values of public ones count only if no trusted
// source has sent the key by then. A null removes the value.
func (h *history) at(path string, instant int64) (value string, ok bool) {
	claimed := false
	for i := len(h.entries) - 1; i >= 0; i-- {
		e := &h.entries[i]
		if e.time > instant || e.public && claimed {
			continue
		}
		h.scratch.reset(string(h.texts[e.from:e.to]))
		raw, found := h.scratch.find(path)
		switch {
		case found && !e.public:
			return text(raw)
		case found:
			value, ok = text(raw)
			claimed = true
		}
	}
	return value, ok
}
