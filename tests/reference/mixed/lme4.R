# Simulates data sets and fits them with lme4, glmmTMB and ordinal; writes the CSV files
# and lme4.json beside itself. Run: Rscript lme4.R   (about two minutes)
#
# lme4's default tolerance of its penalised least squares (1e-7) leaves estimates up to
# 1e-2 standard errors from the optimum; here it is 1e-13.
suppressMessages({library(lme4); library(glmmTMB); library(ordinal); library(jsonlite)})
tight <- function(...) glmerControl(
  optimizer = "bobyqa", tolPwrss = 1e-13, optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
  check.conv.singular = "ignore", ...)

simulate_trials <- function(seed, raters, trials, utterances, sd_rater, sd_utterance,
                            sd_slope = 0, rho = 0, noises = 0, sd_noise = 0) {
  set.seed(seed)
  d <- data.frame(rater = rep(seq_len(raters) - 1, each = trials))
  n <- nrow(d)
  d$utterance <- as.vector(replicate(raters, rep_len(sample(utterances), trials))) - 1
  d$system <- sample(0:1, n, TRUE)
  d$snr <- sample(c(-6, -2, 2, 6), n, TRUE)
  z <- matrix(rnorm(2 * raters), ncol = 2)
  b0 <- sd_rater * z[, 1]
  b1 <- sd_slope * (rho * z[, 1] + sqrt(1 - rho^2) * z[, 2])
  bu <- sd_utterance * rnorm(utterances)
  d$eta <- 0.6 - 0.5 * d$system - 0.06 * d$snr + 0.03 * d$system * d$snr +
    b0[d$rater + 1] + b1[d$rater + 1] * d$snr + bu[d$utterance + 1]
  if (noises > 0) {
    d$noise <- sample(noises, n, TRUE) - 1
    d$eta <- d$eta + (sd_noise * rnorm(noises))[d$noise + 1]
  }
  d$y <- as.integer(d$eta + rlogis(n) > 0)
  d
}

sds <- function(m) lapply(VarCorr(m), function(v) unname(attr(v, "stddev")))
lme4_fit <- function(f, d, ...) {
  m <- suppressWarnings(glmer(f, d, binomial, control = tight(), ...))
  list(software = "lme4 glmer, tolPwrss 1e-13", formula = deparse1(f),
       beta = unname(fixef(m)), se = unname(sqrt(diag(as.matrix(vcov(m))))),
       sd = sds(m), log_likelihood = as.numeric(logLik(m)))
}
tmb_fit <- function(f, d) {
  m <- glmmTMB(f, d, binomial)
  v <- VarCorr(m)$cond
  list(software = "glmmTMB", formula = deparse1(f), beta = unname(fixef(m)$cond),
       se = unname(sqrt(diag(vcov(m)$cond))),
       sd = lapply(v, function(x) unname(attr(x, "stddev"))),
       correlation = if (nrow(v$rater) > 1) attr(v$rater, "correlation")[1, 2] else NULL,
       log_likelihood = as.numeric(logLik(m)))
}
keep <- function(d, name, columns) write.csv(d[columns], paste0(name, ".csv"),
                                             row.names = FALSE, quote = FALSE)
fixed <- c("rater", "utterance", "system", "snr", "y")
out <- list(origin = list(
  made_by = "lme4.R", R = R.version.string,
  lme4 = as.character(packageVersion("lme4")),
  glmmTMB = as.character(packageVersion("glmmTMB")),
  ordinal = as.character(packageVersion("ordinal")), data = "simulated in lme4.R"))

d <- simulate_trials(1, 30, 40, 24, 0.9, 0.5, noises = 6, sd_noise = 0.7)
keep(d, "three_factors", c(fixed, "noise"))
f <- y ~ snr * system + (1 | rater) + (1 | utterance) + (1 | noise)
out$three_factors <- list(lme4_fit(f, d), tmb_fit(f, d))

d <- simulate_trials(2, 36, 40, 48, 1.0, 0.5, sd_slope = 0.15, rho = 0.5)
keep(d, "slopes", fixed)
f <- y ~ snr * system + (1 + snr | rater) + (1 | utterance)
out$slopes <- list(lme4_fit(f, d), tmb_fit(f, d))

d <- simulate_trials(3, 10, 60, 120, 1.0, 0.8, sd_slope = 0.2, rho = -0.4)
keep(d, "few_raters", fixed)
out$few_raters <- list(lme4_fit(f, d), tmb_fit(f, d))

d <- simulate_trials(4, 60, 5, 20, 1.5, 0)
keep(d, "sparse", fixed)
f <- y ~ snr * system + (1 | rater)
out$sparse <- list(lme4_fit(f, d, nAGQ = 25), tmb_fit(f, d))

d <- simulate_trials(5, 20, 30, 24, 1.0, 0.6)
d$y <- findInterval(d$eta + rlogis(nrow(d)), c(-2, -0.5, 0.5, 2))
keep(d, "graded", fixed)
m <- clmm(factor(y) ~ snr * system + (1 | rater) + (1 | utterance), d,
          control = clmm.control(gradTol = 1e-6, maxIter = 500))
s <- coef(summary(m))
out$graded <- list(list(
  software = "ordinal clmm", formula = "factor(y) ~ snr * system + (1|rater) + (1|utterance)",
  thresholds = unname(m$alpha), beta = unname(m$beta),
  threshold_se = unname(s[seq_along(m$alpha), 2]),
  se = unname(s[length(m$alpha) + seq_along(m$beta), 2]),
  sd = lapply(VarCorr(m), function(v) unname(sqrt(diag(v)))),
  log_likelihood = as.numeric(m$logLik)))

s07 <- read.csv("s07.csv")
s07$system <- factor(s07$system)
s07$snr <- s07$snr - 1.5
f <- y ~ snr * system + (1 + snr | rater) + (1 | utterance)
out$s07 <- list(lme4_fit(f, s07), tmb_fit(f, s07))
f <- y ~ snr * system + (1 + snr || rater) + (1 | utterance)
out$s07_independent <- list(lme4_fit(f, s07))

write_json(out, "lme4.json", digits = NA, auto_unbox = TRUE, pretty = TRUE, null = "null")
