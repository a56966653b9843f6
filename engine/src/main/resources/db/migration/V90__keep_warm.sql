-- how long a former champion stays loaded; null: until the next change, as before
alter table endpoint add column keep_warm ${int};

-- the model's clock when the variant became warm; null until a scorer has asked
alter table variant add column warm_since ${int};
