// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/config"
)

// Kinds of objects that have metric jobs.
const (
	KindJourneyMap   = "JourneyMap"
	KindMetricReport = "MetricReport"
)

// LoadDocument reads and checks the document at a path. Generation and map hash are those of the Job's template; a document older than these
// was mounted before its update arrived, so the run has to be tried again. Zero and "" skip the check. Errors of content wrap ErrConfig.
func LoadDocument(path string, generation int64, mapHash string) (*config.Metrics, error) {
	b, err := config.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	doc := &config.Metrics{}
	decoder := json.NewDecoder(bytes.NewReader(b))
	if err := decoder.Decode(doc); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	if err := checkDocument(doc); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	if doc.Generation < generation {
		return nil, fmt.Errorf("%s is of generation %d, the Job of %d: the ConfigMap has not arrived yet", path, doc.Generation, generation)
	}
	if mapHash != "" && doc.MapHash != mapHash {
		return nil, fmt.Errorf("%s speaks of another state of JourneyMap %s than the Job: the ConfigMap has not arrived yet", path, doc.MapName)
	}
	return doc, nil
}

func checkDocument(doc *config.Metrics) error {
	switch {
	case doc.Version != config.Version:
		return fmt.Errorf("version %d of the document is not known, only %d is", doc.Version, config.Version)
	case doc.Kind != KindJourneyMap && doc.Kind != KindMetricReport:
		return fmt.Errorf("kind %q has no metric jobs", doc.Kind)
	case (doc.Kind == KindMetricReport) != (doc.Report != nil):
		return fmt.Errorf("report has to be there for a MetricReport, and for nothing else")
	case doc.Namespace == "" || doc.Name == "" || doc.UID == "":
		return fmt.Errorf("namespace, name and uid have to be there")
	}
	return nil
}
