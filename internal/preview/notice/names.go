// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package notice

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/preview/input"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxNames bounds the names of events that are remembered.
const maxNames = 2000

// names compares the names of the events with those that the manifests match: a difference in case, a blank or a slip makes an event that no
// touchpoint sees.
type names struct {
	wanted map[string]bool
	seen   map[string]int64
}

func newNames(in *input.Manifests) *names {
	n := &names{wanted: map[string]bool{}, seen: map[string]int64{}}
	for _, m := range in.Maps {
		n.want(&m.Spec)
	}
	for _, r := range in.Reports {
		n.want(&r.Spec)
	}
	return n
}

// Wanted returns the names of events that a spec matches, in order.
func Wanted(spec any) []string {
	n := names{wanted: map[string]bool{}}
	n.want(spec)
	return slices.Sorted(maps.Keys(n.wanted))
}

// want takes the names that a spec matches: wherever it says "event".
func (n *names) want(spec any) {
	raw, err := json.Marshal(spec)
	if err != nil {
		return
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		n.walk(v)
	}
}

func (n *names) walk(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n.walk(e)
		}
	case map[string]any:
		if name, ok := v["event"].(string); ok {
			n.wanted[name] = true
		}
		for _, e := range v {
			n.walk(e)
		}
	}
}

func (n *names) saw(name string) {
	if _, ok := n.seen[name]; ok || len(n.seen) < maxNames {
		n.seen[name]++
	}
}

// notes name the events that nothing matches although something similar is matched.
func (n *names) notes() []string {
	var out []string
	wanted := slices.Sorted(maps.Keys(n.wanted))
	for _, name := range slices.Sorted(maps.Keys(n.seen)) {
		if n.wanted[name] {
			continue
		}
		if i := slices.IndexFunc(wanted, func(w string) bool { return value.Similar(name, w) }); i >= 0 {
			out = append(out, fmt.Sprintf("%s %s called %q, which nothing matches; the manifests match %q",
				value.Counted(n.seen[name], "event"), value.Agreed(n.seen[name], "is", "are"), name, wanted[i]))
		}
	}
	return out
}
