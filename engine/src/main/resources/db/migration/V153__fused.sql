alter table endpoint_variant add column fused text;
