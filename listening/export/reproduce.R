# Counts, exact binomial tests (Clopper-Pearson), two-way cluster-robust intervals and
# Holm's correction, from trials.csv alone, in base R; and, where they are installed, the
# mixed models with lme4 and ordinal. The numbers are those of analysis.json; they are
# written to reproduced.csv and refitted.csv.
# Run with: Rscript reproduce.R

confidence <- 0.95
trials <- read.csv("trials.csv", stringsAsFactors = FALSE)
# Training, gold trials, placebos and repeats lie in checks.csv and are not analysed
trials <- trials[trials$kind == "test", ]
if (nrow(trials) == 0) {
  cat("There are no answers.\n")
  quit()
}
if (any(trials$simulated == 1)) {
  cat("SIMULATED RATERS:", sum(trials$simulated), "of", nrow(trials), "answers\n\n")
}
graded <- any(!is.na(trials$rating))
if (graded) {
  trials$preferred <- ifelse(trials$rating == 0, NA, as.numeric(trials$rating > 0))
}
# ABX: a correct answer counts as `preferred` does below, and no model is fitted
identified <- any(!is.na(trials$correct))
if (identified) trials$preferred <- trials$correct

# Scores of sounds: means of each system on each scale, at each SNR
scored <- any(!is.na(trials$score))

# V = c_r V_rater + c_u V_utterance - V_cell, c = G / (G - 1), floored; t on min(G) - 1.
clustered <- function(y, rater, utterance, null) {
  none <- c(estimate = mean(y), low = NA, high = NA, p = NA, df = NA)
  groups <- c(length(unique(rater)), length(unique(utterance)))
  if (min(groups) < 2 || length(unique(y)) < 2) return(none)
  residual <- y - mean(y)
  within <- function(cluster) sum(tapply(residual, cluster, sum)^2) / length(y)^2
  by_rater <- groups[1] / (groups[1] - 1) * within(rater)
  by_utterance <- groups[2] / (groups[2] - 1) * within(utterance)
  by_cell <- within(paste(rater, utterance, sep = "\r"))
  v <- max(by_rater + by_utterance - by_cell, by_rater, by_utterance)
  independent <- sum(residual^2) / (length(y) * (length(y) - 1))
  if (v <= 1e-12 * independent) v <- independent
  df <- min(groups) - 1
  reach <- qt((1 + confidence) / 2, df) * sqrt(v)
  c(estimate = mean(y), low = mean(y) - reach, high = mean(y) + reach,
    p = 2 * pt(-abs(mean(y) - null) / sqrt(v), df), df = df)
}

one_mean <- function(d) {
  found <- clustered(d$score, d$rater, d$utterance, 0)
  ends <- if (d$scale[1] == "basic") c(0, 100) else c(1, 5)
  data.frame(scale = d$scale[1], system = d$system[1], snr_db = d$snr_db[1], n = nrow(d),
             mean = found[["estimate"]], median = median(d$score), sd = sd(d$score),
             low = max(found[["low"]], ends[1]), high = min(found[["high"]], ends[2]),
             df = found[["df"]])
}
if (scored) {
  cells <- split(trials, list(trials$snr_db, trials$system, trials$scale), drop = TRUE)
  result <- do.call(rbind, lapply(cells, one_mean))
  rownames(result) <- NULL
  write.csv(result, "reproduced.csv", row.names = FALSE)
  print(result, digits = 4)
  quit()
}

one_cell <- function(d) {
  ties <- sum(is.na(d$preferred))
  decided <- d[!is.na(d$preferred), ]
  wins <- sum(decided$preferred)
  row <- data.frame(system = d$system[1], reference = d$reference[1],
                    snr_db = d$snr_db[1], n = nrow(d), ties = ties, preferred = wins)
  if (nrow(decided) > 0) {
    exact <- binom.test(wins, nrow(decided), conf.level = confidence)
    found <- clustered(decided$preferred, decided$rater, decided$utterance, 0.5)
    row <- cbind(row, estimate = wins / nrow(decided),
                 low = max(found[["low"]], 0), high = min(found[["high"]], 1),
                 p = found[["p"]], df = found[["df"]],
                 exact_low = exact$conf.int[1], exact_high = exact$conf.int[2],
                 exact_p = exact$p.value)
  } else {
    row <- cbind(row, estimate = NA, low = NA, high = NA, p = NA, df = NA,
                 exact_low = NA, exact_high = NA, exact_p = NA)
  }
  if (graded) {
    rated <- clustered(d$rating, d$rater, d$utterance, 0)
    row <- cbind(row, rating = rated[["estimate"]], rating_low = rated[["low"]],
                 rating_high = rated[["high"]], rating_p = rated[["p"]])
  }
  row
}

# d' of the differencing model of ABX at a share of correct answers
d_prime <- function(share) {
  correct <- function(d) pnorm(d / sqrt(2)) * pnorm(d / sqrt(6)) +
    pnorm(-d / sqrt(2)) * pnorm(-d / sqrt(6))
  if (is.na(share)) return(NA)
  if (share <= 0.5) return(0)
  if (share >= correct(40)) return(Inf)
  uniroot(function(d) correct(d) - share, c(0, 40), tol = 1e-10)$root
}

cells <- split(trials, list(trials$snr_db, trials$system, trials$reference), drop = TRUE)
result <- do.call(rbind, lapply(cells, one_cell))
holm <- function(p) ave(p, result$system, result$reference,
                        FUN = function(x) p.adjust(x, "holm"))
result$p_holm <- holm(result$p)
result$exact_p_holm <- holm(result$exact_p)
if (graded) result$rating_p_holm <- holm(result$rating_p)
if (identified) {
  for (name in c("estimate", "low", "high")) {
    result[[paste0("d_prime_", name)]] <- sapply(result[[name]], d_prime)
  }
  names(result)[names(result) == "preferred"] <- "correct"
}
result <- result[order(result$reference, result$system, result$snr_db), ]
rownames(result) <- NULL
write.csv(result, "reproduced.csv", row.names = FALSE)
print(result, digits = 4)
cat("\nExact tests assume independent trials. Empty: no interval; where all answers are",
    "\nalike, analysis.json has an exact interval for min(raters, utterances) answers.\n")

# ---- mixed models: `glmm`, `preference` and `clmm` of analysis.json ----

# lme4's default tolerance (tolPwrss = 1e-7) stops up to a hundredth of a standard error
# short of the optimum, without a warning; with this one it agrees to four digits more.
tight <- function() lme4::glmerControl(
  optimizer = "bobyqa", tolPwrss = 1e-13, optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
# The study may have let raters differ in the effect of the SNR
slopes <- file.exists("analysis.json") &&
  any(grepl('"rater:snr_c"', readLines("analysis.json"), fixed = TRUE))
crossed <- paste(if (slopes) "(1 + snr_c | rater)" else "(1 | rater)",
                 "+ (1 | utterance)")

# Preference averaged over raters and utterances whose logits have variance v
averaged <- function(eta, v) mapply(function(e, v) {
  if (v == 0) return(plogis(e))
  f <- function(z) plogis(e + sqrt(v) * z) * dnorm(z)
  integrate(f, -Inf, Inf, rel.tol = 1e-8)$value
}, eta, v)

# Variance of logits at each snr_c
spread <- function(fit, snr_c) {
  of <- lme4::VarCorr(fit)
  sapply(snr_c, function(x) {
    z <- c(1, x)[seq_len(nrow(of$rater))]
    sum(of$rater * outer(z, z)) + of$utterance[1]
  })
}

several <- function(x) length(unique(x)) > 1

# Rows of refitted.csv: coefficients, standard deviations, log-likelihood of a fit
rows_of <- function(model, reference, coefficients, varcorr, log_likelihood) {
  sds <- lapply(varcorr, function(v) sqrt(diag(as.matrix(v))))
  sd_names <- unlist(lapply(names(sds), function(f)
    ifelse(names(sds[[f]]) == "(Intercept)", f, paste0(f, ":", names(sds[[f]])))))
  data.frame(
    model, reference,
    term = c(rownames(coefficients), paste0("sd ", sd_names), "log_likelihood"),
    estimate = c(coefficients[, "Estimate"], unlist(sds), log_likelihood),
    se = c(coefficients[, "Std. Error"], rep(NA, length(unlist(sds)) + 1)))
}

refit <- function(d, centre) {
  d$snr_c <- d$snr_db - centre
  d$cell <- factor(paste(d$system, d$snr_db))
  d$position <- d$enhanced_first - 0.5
  place <- if (several(d$position)) "+ position" else ""
  terms <- c(if (several(d$snr_db)) "snr_c", if (several(d$system)) "system")
  fixed <- paste(if (length(terms)) paste(terms, collapse = " * ") else "1", place)
  decided <- d[!is.na(d$preferred), ]
  decided$cell <- droplevels(decided$cell)
  if (!several(decided$rater) || !several(decided$utterance)) return(NULL)
  found <- NULL
  cat("\n==== Preference over", d$reference[1], "====\n")
  if (requireNamespace("lme4", quietly = TRUE)) {
    glmm <- function(f) lme4::glmer(as.formula(paste("preferred ~", f, "+", crossed)),
                                    decided, binomial, control = tight())
    trend <- glmm(fixed)
    found <- rows_of("glmm", d$reference[1], summary(trend)$coefficients,
                     lme4::VarCorr(trend), as.numeric(logLik(trend)))
    print(found, digits = 6, row.names = FALSE)
    if (several(decided$cell)) {
      means <- glmm(paste("0 + cell", place))
      v <- spread(means, tapply(decided$snr_c, decided$cell, mean))
      eta <- lme4::fixef(means)
      eta <- eta[startsWith(names(eta), "cell")]
      averages <- data.frame(model = "preference", reference = d$reference[1],
                             term = sub("^cell", "", names(eta)),
                             estimate = averaged(eta, v), se = NA)
      print(averages, digits = 5, row.names = FALSE)
      found <- rbind(found, averages)
    }
  } else cat("Install lme4 to refit the mixed model.\n")
  grades <- if (graded) d$rating else ifelse(is.na(d$preferred), 0, 2 * d$preferred - 1)
  if (length(unique(grades)) > 2 && requireNamespace("ordinal", quietly = TRUE)) {
    d$grade <- factor(grades, ordered = TRUE)
    d$rater <- factor(d$rater)
    d$utterance <- factor(d$utterance)
    fit <- ordinal::clmm(as.formula(paste("grade ~", fixed, "+", crossed)), d)
    graded_fit <- rows_of("clmm", d$reference[1], summary(fit)$coefficients,
                          ordinal::VarCorr(fit), as.numeric(logLik(fit)))
    print(graded_fit, digits = 6, row.names = FALSE)
    found <- rbind(found, graded_fit)
    # clmm may stop early; its numbers are good to about this gradient
    cat("clmm's largest gradient:", format(fit$info$max.grad), "\n")
  }
  found
}

centre <- mean(unique(trials$snr_db))
if (!identified) {
  refitted <- do.call(rbind, lapply(split(trials, trials$reference), refit, centre))
  if (!is.null(refitted)) write.csv(refitted, "refitted.csv", row.names = FALSE)
}
