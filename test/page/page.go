// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package page reads the YAML on pages of the docs, so that tests use exactly what the docs show.
package page

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// block matches a YAML block that has the name of its file in the first line.
var block = regexp.MustCompile("(?s)```yaml\n# ([^\n]+\\.yaml)\n(.*?)```")

// Files returns the files that a page shows by name.
func Files(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, b := range block.FindAllStringSubmatch(string(text), -1) {
		files[b[1]] = b[2]
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s shows no files", path)
	}
	return files, nil
}

// Fill replaces addresses, images and namespaces of the page by those of a test. Each of them must occur.
func Fill(files, places map[string]string) error {
	for place, value := range places {
		found := false
		for name, text := range files {
			found = found || strings.Contains(text, place)
			files[name] = strings.ReplaceAll(text, place, value)
		}
		if !found {
			return fmt.Errorf("the page says nothing of %q", place)
		}
	}
	return nil
}

// Objects returns the objects of a file.
func Objects(text string) ([]*unstructured.Unstructured, error) {
	var list []*unstructured.Unstructured
	for document := range strings.SplitSeq(text, "\n---\n") {
		text, err := yaml.YAMLToJSONStrict([]byte(document))
		if err != nil {
			return nil, err
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(text); err != nil { // integers are int64, as from an API server
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}
