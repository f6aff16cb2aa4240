# Simulates comparisons by raters with an order effect and a taste of their own, and fits
# them with lme4 and ordinal; writes raters.csv and raters.json beside itself.
# Run: Rscript raters.R   (some seconds)
suppressMessages({library(lme4); library(ordinal); library(jsonlite)})
set.seed(20)
raters <- 30; trials <- 40; n <- raters * trials
names <- c("a", "b", "c", "noisy"); strength <- c(0.9, 0.5, 0.2, 0)
pairs <- t(replicate(n, sample(4, 2)))
d <- data.frame(rater = rep(seq_len(raters) - 1, each = trials),
                first = names[pairs[, 1]], second = names[pairs[, 2]])
d$taste <- (d$first != "noisy") - (d$second != "noisy")
for (x in names[1:3]) d[[x]] <- (d$first == x) - (d$second == x)
lead <- strength[pairs[, 1]] - strength[pairs[, 2]] + 0.3 +
  (0.6 * rnorm(raters))[d$rater + 1] + (0.9 * rnorm(raters))[d$rater + 1] * d$taste +
  rlogis(n)
d$answer <- ifelse(lead > 0.4, 1, ifelse(lead < -0.4, 0, 0.5))

untied <- d[d$answer != 0.5, ]
control <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13,
                        optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
m <- glmer(answer ~ a + b + c + (1 | rater) + (0 + taste | rater), untied, binomial,
           control = control)
o <- clmm(factor(answer) ~ a + b + c + (1 | rater), data = d,
          control = clmm.control(gradTol = 1e-7))
beta <- fixef(m)
out <- list(
  made_by = "raters.R",
  with = paste0("R ", getRversion(), ", lme4 ", packageVersion("lme4"),
                " (glmer, bobyqa, tolPwrss 1e-13), ordinal ", packageVersion("ordinal"),
                " (clmm)"),
  parameters = "strengths less that of noisy; order is the intercept",
  untied = list(model = "answer ~ a + b + c + (1|rater) + (0 + taste|rater), ties left out",
                estimate = as.list(c(beta[c("a", "b", "c")], order = beta[["(Intercept)"]])),
                se = as.list(setNames(sqrt(diag(as.matrix(vcov(m))))[c(2:4, 1)],
                                      c("a", "b", "c", "order"))),
                sd = c(VarCorr(m)$rater[1], VarCorr(m)$rater.1[1])^0.5,
                log_likelihood = as.numeric(logLik(m))),
  tied = list(model = "ordered answer ~ a + b + c + (1|rater)",
              estimate = as.list(o$beta), thresholds = unname(o$alpha),
              se = as.list(sqrt(diag(vcov(o)))[c("a", "b", "c")]),
              sd = unname(o$ST$rater[1]), log_likelihood = as.numeric(o$logLik)))
write_json(out, "raters.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
write.csv(d[c("rater", "first", "second", "answer")], "raters.csv", row.names = FALSE,
          quote = FALSE)
