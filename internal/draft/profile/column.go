// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// maxValues is the number of different values of a column that are counted one by one.
const maxValues = 500

// maxValue is the length of a value that is counted.
const maxValue = 256

// Column is what one column holds.
type Column struct {
	// Path of the field; a column of a table has one name.
	Path []string
	// Filled is the number of rows with a value.
	Filled int64
	// Seen is the number of values that were looked at. The others say how many of them have a form.
	Seen  int64
	Forms Forms
	Times Times
	Money Money

	values map[string]int64
	many   bool
	sketch sketch
}

// Forms of values. A value can have several.
type Forms struct {
	// Numbers, Texts and Booleans by type; a number of a table is a text and a number. Lists are lists and objects.
	Numbers, Texts, Booleans, Lists int64
	// Objects are lists of objects.
	Objects int64
	Emails, Phones, UUIDs, Addresses, Links, JSON,
	Currencies, Devices int64
	// Long are texts with more than a few words.
	Long int64
}

// Name of the column. Names of nested fields are joined by points.
func (c *Column) Name() string { return strings.Join(c.Path, ".") }

// Leaf is the name without those of the objects around it.
func (c *Column) Leaf() string { return c.Path[len(c.Path)-1] }

// Distinct estimates the number of different values.
func (c *Column) Distinct() int64 {
	if !c.many {
		return int64(len(c.values))
	}
	return int64(c.sketch.distinct() + 0.5)
}

// Unique reports whether no value was found twice. For many values, it looks at some of them.
func (c *Column) Unique() bool { return c.Filled > 0 && c.sketch.repeated() == 0 }

// Repeated returns the share of the different values that occur more than once.
func (c *Column) Repeated() float64 { return c.sketch.repeated() }

// Most returns the share of the rows with the most frequent value, if there are few values.
func (c *Column) Most() float64 {
	most := c.sketch.most()
	for _, n := range c.values {
		most = max(most, n)
	}
	return float64(most) / float64(max(c.Filled, 1))
}

// Values returns the different values with their numbers; false if there are too many.
func (c *Column) Values() (map[string]int64, bool) { return c.values, !c.many }

// Top returns the values, the most frequent first.
func (c *Column) Top() []string {
	return slices.SortedFunc(maps.Keys(c.values), func(a, b string) int {
		if c.values[a] != c.values[b] {
			return int(c.values[b] - c.values[a])
		}
		return strings.Compare(a, b)
	})
}

// few is the number of values of which one may be wrong and would be more than a tenth.
const few = 20

// Mostly reports whether nearly all values that were looked at have a form: nine of ten, or of a few values three of four.
func (c *Column) Mostly(n int64) bool {
	return c.Seen > 0 && (10*n >= 9*c.Seen || c.Seen < few && 4*n >= 3*c.Seen)
}

// add counts a value.
func (c *Column) add(v any, look bool) {
	switch v := v.(type) {
	case nil:
		return
	case bool:
		c.Filled++
		if look {
			c.Seen++
			c.Forms.Booleans++
		}
		return
	case []any, map[string]any:
		c.Filled++
		c.list(v, look)
		return
	}
	s, ok := text(v)
	if !ok || s == "" {
		return
	}
	c.Filled++
	c.sketch.add(s)
	c.count(s)
	if !look {
		return
	}
	c.Seen++
	if _, isText := v.(string); isText {
		c.Forms.Texts++
	}
	c.form(s)
	c.Times.look(s)
	c.Money.look(s)
}

func (c *Column) list(v any, look bool) {
	if !look {
		return
	}
	c.Seen++
	c.Forms.Lists++
	if list, ok := v.([]any); ok && len(list) > 0 {
		if _, isObject := list[0].(map[string]any); isObject {
			c.Forms.Objects++
		}
	}
}

func (c *Column) count(s string) {
	if c.many {
		return
	}
	if len(s) > maxValue {
		c.tooMany()
		return
	}
	if c.values[s]++; len(c.values) > maxValues {
		c.tooMany()
	}
}

func (c *Column) tooMany() { c.values, c.many = nil, true }

var (
	numberForm = regexp.MustCompile(`^[+-]?[0-9]{1,18}([.,][0-9]{1,9})?$`)
	uuidForm   = regexp.MustCompile(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	emailForm  = regexp.MustCompile(`^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]{2,}$`)
	phoneForm  = regexp.MustCompile(`^(\+|00)[1-9][0-9 ()/.-]{6,20}$`)
	linkForm   = regexp.MustCompile(`^(?i)(https?://|/[^ ]*|www\.)`)
	codeForm   = regexp.MustCompile(`^[A-Za-z]{3}$`)
	deviceForm = regexp.MustCompile(`^\$device:`)
)

// long is the number of words of a text that somebody wrote.
const long = 8

func (c *Column) form(s string) {
	f := &c.Forms
	for _, one := range []struct {
		n    *int64
		form *regexp.Regexp
	}{
		{&f.Numbers, numberForm}, {&f.Emails, emailForm}, {&f.Phones, phoneForm}, {&f.UUIDs, uuidForm}, {&f.Links, linkForm}, {&f.Currencies, codeForm},
		{&f.Devices, deviceForm},
	} {
		if one.form.MatchString(s) {
			*one.n++
		}
	}
	if s[0] == '{' || s[0] == '[' {
		f.JSON++
	}
	if _, err := netip.ParseAddr(s); err == nil {
		f.Addresses++
	}
	if strings.Count(s, " ") >= long {
		f.Long++
	}
	// An address inside a longer text is one, too.
	if strings.ContainsRune(s, '@') && !emailForm.MatchString(s) && mask.All.Finds(s) {
		f.Long++
	}
}
