// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command crdcompact rewrites generated CRDs with an indentation of one space, and with each text on one line. Otherwise, half of the size of a deep
// schema is indentation. The program checks that the content stays the same.
//
//	crdcompact FILE...
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	for _, path := range os.Args[1:] {
		if err := rewrite(path); err != nil {
			fmt.Fprintf(os.Stderr, "crdcompact: %s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func rewrite(path string) error {
	raw, err := os.ReadFile(path) // #nosec G304 -- the path is the caller's
	if err != nil {
		return err
	}
	out, err := compact(raw)
	if err != nil {
		return err
	}
	return os.WriteFile(path, out, 0o644) // #nosec G306 -- a file of the repository
}

// compact returns the same document in the compact form.
func compact(raw []byte) ([]byte, error) {
	var before, after any
	if err := yaml.Unmarshal(raw, &before); err != nil {
		return nil, err
	}
	root, ok := before.(map[string]any)
	if !ok {
		return nil, errors.New("the document is not an object")
	}
	out := bytes.NewBufferString("---\n")
	writeMap(out, root, "", "")
	if err := yaml.Unmarshal(out.Bytes(), &after); err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(before, after) {
		return nil, errors.New("the compact form says something else")
	}
	return out.Bytes(), nil
}

// writeMap writes the entries of a map, the first one after lead, the others after indent.
func writeMap(out *bytes.Buffer, m map[string]any, lead, indent string) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(out, "%s%s:", lead, scalar(key))
		lead = indent
		switch v := m[key].(type) {
		case map[string]any:
			if len(v) == 0 {
				out.WriteString(" {}\n")
				continue
			}
			out.WriteString("\n")
			writeMap(out, v, indent+" ", indent+" ")
		case []any:
			if len(v) == 0 {
				out.WriteString(" []\n")
				continue
			}
			out.WriteString("\n")
			writeList(out, v, indent)
		default:
			fmt.Fprintf(out, " %s\n", scalar(v))
		}
	}
}

func writeList(out *bytes.Buffer, list []any, indent string) {
	for _, item := range list {
		if m, ok := item.(map[string]any); ok && len(m) > 0 {
			writeMap(out, m, indent+"- ", indent+"  ")
			continue
		}
		fmt.Fprintf(out, "%s- %s\n", indent, scalar(item))
	}
}

// plain matches texts that need no quotes in YAML.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.,/-]*( [A-Za-z0-9_.,;/()'-]+)*$`)

// words are texts that YAML does not read as a string.
var words = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// scalar formats a value on one line: unquoted if possible, else as JSON, which is valid YAML.
func scalar(v any) string {
	if s, ok := v.(string); ok && plain.MatchString(s) && !slices.Contains(words, strings.ToLower(s)) {
		return s
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // the value came from JSON
	}
	return strings.TrimSpace(out.String())
}
