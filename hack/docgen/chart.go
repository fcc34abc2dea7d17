// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

const chartIntro = notice + `# Values of the Helm chart

Values of ` + "`charts/journeyman`" + ` with their types and defaults. Values that are not listed here are refused.
[Install](../install.md) shows how they are used.

| value | type | default | |
|---|---|---|---|
`

// valueSchema is the part of JSON Schema that the page shows.
type valueSchema struct {
	Ref        string                  `json:"$ref"`
	Type       any                     `json:"type"`
	Enum       []string                `json:"enum"`
	OneOf      []*valueSchema          `json:"oneOf"`
	Minimum    *int                    `json:"minimum"`
	Maximum    *int                    `json:"maximum"`
	Properties map[string]*valueSchema `json:"properties"`
	Defs       map[string]*valueSchema `json:"definitions"`
}

// chartPage returns a table of the chart's values, in the order of values.yaml: defaults and comments from values.yaml, types from the schema.
func chartPage(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "values.yaml"))
	if err != nil {
		return "", err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return "", fmt.Errorf("values.yaml: %w", err)
	}
	text, err = os.ReadFile(filepath.Join(dir, "values.schema.json"))
	if err != nil {
		return "", err
	}
	schema := &valueSchema{}
	if err := json.Unmarshal(text, schema); err != nil {
		return "", fmt.Errorf("values.schema.json: %w", err)
	}
	page := &strings.Builder{}
	page.WriteString(chartIntro)
	if err := valueRows(page, document.Content[0], schema, schema.Defs, ""); err != nil {
		return "", err
	}
	return page.String(), nil
}

// valueRows writes a row for each value below a mapping.
func valueRows(page *strings.Builder, mapping *yaml.Node, schema *valueSchema, defs map[string]*valueSchema, prefix string) error {
	for i := 0; i < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		path := prefix + key.Value
		s := schema.Properties[key.Value]
		if s == nil {
			return fmt.Errorf("values.schema.json does not know %s", path)
		}
		if value.Kind == yaml.MappingNode && len(value.Content) > 0 && value.Content[0].HeadComment != "" {
			if err := valueRows(page, value, s, defs, path+"."); err != nil {
				return err
			}
			continue
		}
		comment := comment(key.HeadComment)
		if comment == "" {
			return fmt.Errorf("values.yaml: %s has no comment", path)
		}
		var plain any
		if err := value.Decode(&plain); err != nil {
			return err
		}
		fallback, err := json.Marshal(plain)
		if err != nil {
			return err
		}
		fmt.Fprintf(page, "| `%s` | %s | `%s` | %s |\n", path, s.kind(defs), fallback, comment)
	}
	return nil
}

// comment returns the last paragraph of the comment lines before a value. Earlier paragraphs belong to the file.
func comment(lines string) string {
	paragraphs := strings.Split(lines, "\n\n")
	var words []string
	for line := range strings.SplitSeq(paragraphs[len(paragraphs)-1], "\n") {
		words = append(words, strings.TrimSpace(strings.TrimPrefix(line, "#")))
	}
	return strings.ReplaceAll(strings.Join(words, " "), "|", `\|`)
}

// kind describes the type of a value.
func (s *valueSchema) kind(defs map[string]*valueSchema) string {
	if name, ok := strings.CutPrefix(s.Ref, "#/definitions/"); ok {
		s = defs[name]
	}
	var choices []string
	for _, one := range s.OneOf {
		choices = append(choices, one.kind(defs))
	}
	for _, e := range s.Enum {
		choices = append(choices, "`"+e+"`")
	}
	if len(choices) > 0 {
		return strings.Join(choices, ", ")
	}
	kind := fmt.Sprint(s.Type)
	if s.Minimum != nil && s.Maximum != nil {
		return fmt.Sprintf("%s, %d to %d", kind, *s.Minimum, *s.Maximum)
	}
	if s.Minimum != nil {
		return fmt.Sprintf("%s, at least %d", kind, *s.Minimum)
	}
	return kind
}
