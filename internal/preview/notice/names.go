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

// maxNames is the number of event names that are remembered.
const maxNames = 2000

// names compares the event names with those that the manifests match. A difference in case, a blank or a typo makes an event that no touchpoint matches.
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

// Wanted returns the event names that a spec matches, in order.
func Wanted(spec any) []string {
	n := names{wanted: map[string]bool{}}
	n.want(spec)
	return slices.Sorted(maps.Keys(n.wanted))
}

// want collects the names that a spec matches, in all fields "event".
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

// notes names the events that nothing matches although something similar is matched.
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
