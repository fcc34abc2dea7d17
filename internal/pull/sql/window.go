// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

// mostKnown is the number of rows that are remembered. Others that are read again are left out by the store.
const mostKnown = 250_000

// rowID identifies a row in one version.
type rowID [16]byte

// window remembers the latest rows.
type window struct {
	ids   map[rowID]struct{}
	order []rowID
}

func newWindow() *window { return &window{ids: map[rowID]struct{}{}} }

func (w *window) has(id rowID) bool {
	_, ok := w.ids[id]
	return ok
}

func (w *window) add(id rowID) {
	if w.has(id) {
		return
	}
	if len(w.order) >= mostKnown {
		half := len(w.order) / 2
		for _, old := range w.order[:half] {
			delete(w.ids, old)
		}
		w.order = append(w.order[:0], w.order[half:]...)
	}
	w.ids[id] = struct{}{}
	w.order = append(w.order, id)
}
