// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// analysisRun is what the children of maps and reports depend on, in the same form for both.
type analysisRun struct {
	parent   parent
	name     string
	resource string
	runAt    string
	document podconfig.Analysis
	analysis *v1alpha1.Analysis
	schedule Schedule
	pod      *v1alpha1.PodOptions
	AnalysisShared
}

// AnalysisChildren returns the objects of a map or a report, in the order in which to apply them. An error that is a *field.Error is about the schedule.
func AnalysisChildren(in AnalysisInput) ([]Child, error) {
	run, err := in.analysis()
	if err != nil {
		return nil, err
	}
	document, err := run.parent.configMap(run.name, run.document)
	if err != nil {
		return nil, err
	}
	children := []Child{document, run.parent.serviceAccount(run.name), run.role(), run.roleBinding()}
	return append(append(children, run.networkPolicy()...), run.cronJob()), nil
}

func (in JourneyMapInput) analysis() (analysisRun, error) {
	m := in.Map
	schedule, err := ScheduleOf(m.Spec.Analysis, m.UID)
	return analysisRun{
		parent:   newParent(v1alpha1.JourneyMapKind, ComponentAnalysis, m),
		name:     MapName(m.Name),
		resource: "journeymaps",
		runAt:    m.Annotations[v1alpha1.RunAtAnnotation],
		document: MapDocument(m, in.Store, in.Sources),
		analysis: m.Spec.Analysis,
		schedule: schedule,
		pod:      m.Spec.Pod,

		AnalysisShared: in.AnalysisShared,
	}, err
}

func (in MetricReportInput) analysis() (analysisRun, error) {
	r := in.Report
	schedule, err := ReportSchedule(r, in.Map)
	return analysisRun{
		parent:   newParent(v1alpha1.MetricReportKind, ComponentAnalysis, r),
		name:     ReportName(r.Name),
		resource: "metricreports",
		runAt:    r.Annotations[v1alpha1.RunAtAnnotation],
		document: ReportDocument(r, in.Map, in.Store, in.Sources),
		analysis: r.Spec.Analysis,
		schedule: schedule,
		pod:      r.Spec.Pod,

		AnalysisShared: in.AnalysisShared,
	}, err
}
