package graph

import (
	"context"

	"github.com/sleutelbos/sleutelbos/graph/generated"
	"github.com/sleutelbos/sleutelbos/internal/app"
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
	given := app.Confirmation{Credential: input.WebAuthn}
	if input.Code != nil {
		given.Code = *input.Code
	}
	enrolled, err := r.app.ConfirmEnrolment(ctx, actorOf(ctx), input.EnrolmentID, given)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.ConfirmEnrolmentPayload{UserErrors: toMend}, err
	}
	signedIn(ctx, enrolled.Outcome)
	return &generated.ConfirmEnrolmentPayload{Factor: &enrolled.Factor, RecoveryCodes: enrolled.RecoveryCodes, Step: enrolled.Step, UserErrors: toMend}, nil
}

func (r mutation) BeginEmailEnrolment(ctx context.Context) (*generated.BeginCodeEnrolmentPayload, error) {
	enrolment, err := r.app.BeginEmailEnrolment(ctx, actorOf(ctx))
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.BeginCodeEnrolmentPayload{UserErrors: toMend}, err
	}
	return &generated.BeginCodeEnrolmentPayload{Enrolment: &enrolment, UserErrors: toMend}, nil
}

func (r mutation) BeginSmsEnrolment(ctx context.Context, input generated.BeginSmsEnrolmentInput) (*generated.BeginCodeEnrolmentPayload, error) {
	enrolment, err := r.app.BeginSMSEnrolment(ctx, actorOf(ctx), input.PhoneNumber)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.BeginCodeEnrolmentPayload{UserErrors: toMend}, err
	}
	return &generated.BeginCodeEnrolmentPayload{Enrolment: &enrolment, UserErrors: toMend}, nil
}

func (r mutation) GenerateRecoveryCodes(ctx context.Context) (*generated.RecoveryCodesPayload, error) {
	codes, err := r.app.GenerateRecoveryCodes(ctx, actorOf(ctx))
	toMend, err := mend(ctx, err)
	return &generated.RecoveryCodesPayload{RecoveryCodes: codes, UserErrors: toMend}, err
}

func (r mutation) RemoveFactor(ctx context.Context, input generated.RemoveFactorInput) (*generated.RemoveFactorPayload, error) {
	outcome, err := r.app.RemoveFactor(ctx, actorOf(ctx), input.ID)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.RemoveFactorPayload{UserErrors: toMend}, err
	}
	signedIn(ctx, outcome)
	return &generated.RemoveFactorPayload{RemovedID: &input.ID, UserErrors: toMend}, nil
}

func (r mutation) RenameFactor(ctx context.Context, input generated.RenameFactorInput) (*generated.RenameFactorPayload, error) {
	renamed, err := r.app.RenameFactor(ctx, actorOf(ctx), input.ID, input.Name)
	toMend, err := mend(ctx, err)
	if err != nil || len(toMend) > 0 {
		return &generated.RenameFactorPayload{UserErrors: toMend}, err
	}
	return &generated.RenameFactorPayload{Factor: &renamed, UserErrors: toMend}, nil
}
