package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
)

func (r mutation) BeginTotpEnrolment(ctx context.Context, input generated.BeginTotpEnrolmentInput) (*generated.BeginTotpEnrolmentPayload, error) {
	label := ""
	if input.Label != nil {
		label = *input.Label
	}
	enrolment, err := r.app.BeginTOTPEnrolment(ctx, actorOf(ctx), label)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.BeginTotpEnrolmentPayload{UserErrors: toMend}, err
	}
	return &generated.BeginTotpEnrolmentPayload{Enrolment: &enrolment, UserErrors: toMend}, nil
}

func (r mutation) ConfirmEnrolment(ctx context.Context, input generated.ConfirmEnrolmentInput) (*generated.ConfirmEnrolmentPayload, error) {
	code := ""
	if input.Code != nil {
		code = *input.Code
	}
	enrolled, err := r.app.ConfirmEnrolment(ctx, actorOf(ctx), input.EnrolmentID, code)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.ConfirmEnrolmentPayload{UserErrors: toMend}, err
	}
	signedIn(ctx, enrolled.Outcome)
	return &generated.ConfirmEnrolmentPayload{Factor: &enrolled.Factor, Step: enrolled.Step, UserErrors: toMend}, nil
}
