// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package page reads the YAML of the docs' pages, so that tests run what people read.
package page

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// block is YAML of a page that says in its first line which file it is.
var block = regexp.MustCompile("(?s)```yaml\n# ([^\n]+\\.yaml)\n(.*?)```")

// Files gives the files that a page shows, by their names.
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

// Fill puts the addresses, images and namespaces of a test in the place of the page's. Each of them has to be there.
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

// Objects gives the objects of a file.
func Objects(text string) ([]*unstructured.Unstructured, error) {
	var list []*unstructured.Unstructured
	for document := range strings.SplitSeq(text, "\n---\n") {
		text, err := yaml.YAMLToJSONStrict([]byte(document))
		if err != nil {
			return nil, err
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(text); err != nil { // whole numbers are int64, as from an API server
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}
