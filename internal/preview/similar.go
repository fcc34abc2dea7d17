// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
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

func newNames(set *inputs) *names {
	n := &names{wanted: map[string]bool{}, seen: map[string]int64{}}
	for _, m := range set.maps {
		n.want(&m.Spec)
	}
	for _, r := range set.reports {
		n.want(&r.Spec)
	}
	return n
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
	for _, name := range wanted {
		if masked := mask.Name(name); masked != name {
			out = append(out, fmt.Sprintf("the manifests match %q, which no event is called: names have no addresses and phone numbers. Write %q", name, masked))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.seen)) {
		if n.wanted[name] {
			continue
		}
		if i := slices.IndexFunc(wanted, func(w string) bool { return similar(name, w) }); i >= 0 {
			out = append(out, fmt.Sprintf("%s %s called %q, which nothing matches; the manifests match %q",
				value.Counted(n.seen[name], "event"), value.Agreed(n.seen[name], "is", "are"), name, wanted[i]))
		}
	}
	return out
}

// similar tells whether two different names may be meant to be one: without case and punctuation they are equal, or one slip apart; two in
// long ones.
func similar(a, b string) bool {
	a, b = letters(a), letters(b)
	if a == b {
		return a != ""
	}
	allowed := min(len(a), len(b)) / 5
	return allowed > 0 && distance(a, b, min(allowed, 2))
}

func letters(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, s)
}

// distance tells whether at most so many letters have to be added, removed, changed or swapped with their neighbour to get from a to b: optimal
// string alignment. Digits that differ are no slip: "Step 1" is not "Step 2".
func distance(a, b string, allowed int) bool {
	if digitsOf(a) != digitsOf(b) {
		return false
	}
	x, y := []rune(a), []rune(b)
	if max(len(x)-len(y), len(y)-len(x)) > allowed {
		return false
	}
	var older, last []int
	for i := 0; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		for j := range row {
			switch {
			case i == 0:
				row[j] = j
			case j == 0:
				row[j] = i
			default:
				cost := 1
				if x[i-1] == y[j-1] {
					cost = 0
				}
				row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
				if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
					row[j] = min(row[j], older[j-2]+1)
				}
			}
		}
		older, last = last, row
	}
	return last[len(y)] <= allowed
}

func digitsOf(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsDigit(c) {
			return -1
		}
		return c
	}, s)
}
