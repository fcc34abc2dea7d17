// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// Wanted is the state of the document that the Job's template is for. Zero and "" match any state.
type Wanted struct {
	Generation           int64
	MapHash, SourcesHash string
}

// LoadDocument reads and checks the document at a path. A document in a different state was mounted before its update arrived, so the run has to be
// retried. Errors of the content wrap ErrConfig.
func LoadDocument(path string, wanted Wanted) (*podconfig.Analysis, error) {
	b, err := podconfig.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", plan.ErrConfig, err)
	}
	doc := &podconfig.Analysis{}
	if err := podconfig.Decode(path, b, doc); err != nil {
		return nil, fmt.Errorf("%w: %w", plan.ErrConfig, err)
	}
	if err := checkDocument(doc); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", plan.ErrConfig, path, err)
	}
	switch {
	case doc.Generation < wanted.Generation:
		return nil, fmt.Errorf("%s has generation %d, the Job has %d: the ConfigMap has not been updated in the pod yet", path, doc.Generation, wanted.Generation)
	case wanted.SourcesHash != "" && doc.SourcesHash != wanted.SourcesHash:
		return nil, fmt.Errorf("%s has other sources or exclude rules than the Job: the ConfigMap has not been updated in the pod yet", path)
	case wanted.MapHash != "" && doc.MapHash != wanted.MapHash:
		return nil, fmt.Errorf("%s has another state of JourneyMap %s than the Job: the ConfigMap has not been updated in the pod yet", path, doc.MapName)
	}
	return doc, nil
}

func checkDocument(doc *podconfig.Analysis) error {
	switch {
	case doc.Kind != v1alpha1.JourneyMapKind && doc.Kind != v1alpha1.MetricReportKind:
		return fmt.Errorf("kind %q has no analysis jobs", doc.Kind)
	case (doc.Kind == v1alpha1.MetricReportKind) != (doc.Report != nil):
		return fmt.Errorf("report must be set for a MetricReport, and only for it")
	case doc.Namespace == "" || doc.Name == "" || doc.UID == "":
		return fmt.Errorf("namespace, name and uid must be set")
	}
	return nil
}
