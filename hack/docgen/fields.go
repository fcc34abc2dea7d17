// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

const fieldsHead = "# Fields\n\n" + notice +
	"This page lists all fields of the kinds, with the texts of `kubectl explain`. A star marks fields that are required if their\n" +
	"parent is set. `[]` stands for an entry of a list. A rule is what the API server checks beyond type and length; its text is the\n" +
	"message that you see when the API server refuses an object.\n"

// fieldsPage returns the page of the fields of every CRD in a folder.
func fieldsPage(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("no CRDs in %s: %w", dir, os.ErrNotExist)
	}
	var b strings.Builder
	b.WriteString(fieldsHead)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(raw, crd); err != nil {
			return "", fmt.Errorf("%s: %w", f, err)
		}
		for _, v := range crd.Spec.Versions {
			writeKind(&b, crd, v.Schema.OpenAPIV3Schema)
		}
	}
	return b.String(), nil
}

func writeKind(b *strings.Builder, crd *apiextensionsv1.CustomResourceDefinition, root *apiextensionsv1.JSONSchemaProps) {
	fmt.Fprintf(b, "\n## %s\n\n%s Short name: `%s`.\n", crd.Spec.Names.Kind, oneLine(root.Description), strings.Join(crd.Spec.Names.ShortNames, "`, `"))
	for _, rule := range root.XValidations {
		fmt.Fprintf(b, "\nRule: %s.\n", rule.Message)
	}
	b.WriteString("\n| field | type | meaning |\n|---|---|---|\n")
	for _, part := range []string{"spec", "status"} {
		writeFields(b, part, root.Properties[part])
	}
}

// writeFields writes a row for every field below a path.
func writeFields(b *strings.Builder, path string, s apiextensionsv1.JSONSchemaProps) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		at, star := path+"."+name, ""
		if slices.Contains(s.Required, name) {
			star = "\\*"
		}
		text := oneLine(p.Description)
		for _, rule := range rulesOf(p) {
			text += " Rule: " + rule + "."
		}
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", at, star, typeOf(p), strings.ReplaceAll(text, "|", "\\|"))
		writeFields(b, at, p)
		if p.Items != nil {
			writeFields(b, at+"[]", *p.Items.Schema)
		}
	}
}

// rulesOf returns the messages of the rules on a field and on its entries.
func rulesOf(s apiextensionsv1.JSONSchemaProps) []string {
	var rules []string
	for _, v := range s.XValidations {
		rules = append(rules, v.Message)
	}
	if s.Items != nil {
		rules = append(rules, rulesOf(*s.Items.Schema)...)
	}
	return rules
}

// typeOf describes the type of a field, with its limits.
func typeOf(s apiextensionsv1.JSONSchemaProps) string {
	switch {
	case len(s.Enum) > 0:
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i] = "`" + strings.Trim(string(v.Raw), `"`) + "`"
		}
		return strings.Join(values, ", ")
	case s.XIntOrString:
		return "quantity"
	case s.Format == "date-time":
		return "time"
	case s.Type == "array":
		return fmt.Sprintf("list of %s%s", typeOf(*s.Items.Schema), upTo(s.MaxItems))
	case s.Type == "object" && s.AdditionalProperties != nil:
		return fmt.Sprintf("map to %s%s", typeOf(*s.AdditionalProperties.Schema), upTo(s.MaxProperties))
	case s.Type == "string":
		return "text" + upTo(s.MaxLength)
	case s.Type == "integer":
		return "whole number" + span(s.Minimum, s.Maximum)
	}
	return s.Type
}

func upTo(most *int64) string {
	if most == nil {
		return ""
	}
	return fmt.Sprintf(" (≤ %d)", *most)
}

func span(low, high *float64) string {
	switch {
	case low != nil && high != nil:
		return fmt.Sprintf(" (%.0f to %.0f)", *low, *high)
	case low != nil:
		return fmt.Sprintf(" (≥ %.0f)", *low)
	}
	return ""
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
