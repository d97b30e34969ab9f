-- Who stands behind a customer. Written by customer onboarding, read by trade execution.
CREATE TABLE BeneficialOwner (customerId VARCHAR, individual VARCHAR, organization VARCHAR, share VARCHAR);
