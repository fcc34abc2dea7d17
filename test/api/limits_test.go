// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// limit is one limit in a schema, with a value just outside it and the expected message. inside, if not nil, is the last value that is allowed.
type limit struct {
	name            string
	outside, inside any
	want            string
}

// Every limit in the schema of a spec refuses the first value outside it, with the path of the field, and allows the last value inside. The limits
// come from the CRDs, and the values from the documents in testdata. A field without a value there fails.
var _ = Describe("A limit", suite.Fast, func() {
	all := schemas()
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		root, docs := all[kind], documents(kind)
		walk(root.Properties["spec"], []string{"spec"}, func(path []string, s schema) {
			doc, at, value, found := find(docs, path)
			if !found {
				It("has a value in testdata: "+kind+"/"+dotted(path), func() { Fail("no document has it") })
			}
			for _, l := range limitsOf(s, value, path) {
				It("is enforced: "+kind+"/"+dotted(path)+"/"+l.name, func(ctx SpecContext) { checkLimit(ctx, doc, at, l) })
			}
		})
	}
})

func checkLimit(ctx context.Context, doc string, at []string, l limit) {
	GinkgoHelper()
	obj := load(doc)
	set(obj.Object, at, l.outside)
	Expect(messagesAt(ctx, obj, at)).To(ContainElement(ContainSubstring(l.want)), "%v at %s", l.outside, field(at))
	if l.inside == nil {
		return
	}
	obj = load(doc)
	set(obj.Object, at, l.inside)
	Expect(messagesAt(ctx, obj, at)).To(BeEmpty(), "%v is inside the limit", l.inside)
}

// limitsOf returns the limits of a schema. value is the value in the document.
func limitsOf(s schema, value any, path []string) []limit {
	limits := slices.Concat(stringLimits(s, path), numberLimits(s), listLimits(s, value), objectLimits(s, value))
	if len(s.Enum) > 0 {
		limits = append(limits, limit{name: "enum", outside: "no-such-value", want: "Unsupported value"})
	}
	return limits
}

func stringLimits(s schema, path []string) []limit {
	var limits []limit
	if path[len(path)-1] == anyKey { // a path cannot contain a key with dots
		return nil
	}
	fits := func(v string) any {
		// Fields with a pattern or a rule about the text, such as a network, have cases in rules_*_test.go.
		if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v) || len(s.XValidations) > 0 {
			return nil
		}
		return v
	}
	if s.MaxLength != nil {
		n := int(*s.MaxLength)
		limits = append(limits, limit{
			name: "maxLength", outside: strings.Repeat("a", n+1), inside: fits(strings.Repeat("a", n)),
			want: fmt.Sprintf("Too long: may not be more than %d bytes", n),
		})
	}
	if s.MinLength != nil {
		limits = append(limits, limit{name: "minLength", outside: "", want: fmt.Sprintf("should be at least %d chars long", *s.MinLength)})
	}
	if s.Pattern != "" && !s.XIntOrString {
		n := 1
		if s.MinLength != nil {
			n = int(*s.MinLength)
		}
		outside := strings.Repeat("?", n)
		if regexp.MustCompile(s.Pattern).MatchString(outside) { // for texts that can have nearly all characters
			outside = strings.Repeat("\x01", n)
		}
		limits = append(limits, limit{name: "pattern", outside: outside, want: "should match '" + s.Pattern + "'"})
	}
	return limits
}

func numberLimits(s schema) []limit {
	var limits []limit
	if s.Minimum != nil {
		n := int64(*s.Minimum)
		limits = append(limits, limit{name: "minimum", outside: n - 1, inside: n, want: fmt.Sprintf("should be greater than or equal to %d", n)})
	}
	if s.Maximum != nil {
		n := int64(*s.Maximum)
		limits = append(limits, limit{name: "maximum", outside: n + 1, inside: n, want: fmt.Sprintf("should be less than or equal to %d", n)})
	}
	return limits
}

func listLimits(s schema, value any) []limit {
	list, _ := value.([]any)
	if s.Type != "array" || len(list) == 0 {
		return nil
	}
	var limits []limit
	if s.MaxItems != nil {
		n := int(*s.MaxItems)
		limits = append(limits, limit{
			name: "maxItems", outside: repeat(list[len(list)-1], n+1), inside: repeat(list[len(list)-1], n),
			want: fmt.Sprintf("must have at most %d item", n),
		})
	}
	if s.MinItems != nil {
		limits = append(limits, limit{name: "minItems", outside: []any{}, want: fmt.Sprintf("should have at least %d items", *s.MinItems)})
	}
	return limits
}

func objectLimits(s schema, value any) []limit {
	var limits []limit
	object, _ := value.(map[string]any)
	if s.MaxProperties != nil && len(object) > 0 {
		n := int(*s.MaxProperties)
		limits = append(limits, limit{
			name: "maxProperties", outside: keys(object, n+1), inside: keys(object, n),
			want: fmt.Sprintf("must have at most %d items", n),
		})
	}
	if s.MinProperties != nil {
		limits = append(limits, limit{name: "minProperties", outside: map[string]any{}, want: fmt.Sprintf("should have at least %d propert", *s.MinProperties)})
	}
	return limits
}

// repeat returns a list of n copies of an item. They differ in their names or, if they are texts, in their text.
func repeat(item any, n int) []any {
	list := make([]any, n)
	for i := range list {
		switch v := runtime.DeepCopyJSONValue(item).(type) {
		case map[string]any:
			if _, named := v["name"]; named {
				v["name"] = "n" + strconv.Itoa(i)
			}
			list[i] = v
		case string:
			list[i] = v + strconv.Itoa(i)
		default:
			list[i] = v
		}
	}
	return list
}

// keys returns an object with n keys that all have the same value.
func keys(object map[string]any, n int) map[string]any {
	value := object[slices.Sorted(maps.Keys(object))[0]]
	made := map[string]any{}
	for i := range n {
		made["k"+strconv.Itoa(i)] = runtime.DeepCopyJSONValue(value)
	}
	return made
}

// documents returns the documents of a kind in testdata.
func documents(kind string) []string {
	files := must(filepath.Glob(filepath.Join("testdata", kind+"*.yaml")))
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(filepath.Base(f), ".yaml")
	}
	return names
}
