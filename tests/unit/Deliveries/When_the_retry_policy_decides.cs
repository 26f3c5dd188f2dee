using Broker.Hosting.Deliveries;

namespace Broker.Tests.Unit.Deliveries;

public sealed class When_the_retry_policy_decides
{
    private static readonly RetryFacts Failed = new(Cancelled: false, Retryable: true, Attempt: 1, MaxAttempts: 3, Asked: null, FirstDelay: null, Jitter: 1, ExpiresIn: null);

    [Theory]
    [InlineData(false, 1, 3, nameof(RetryDecision.DeadLetterAsFinal))]
    [InlineData(false, 3, 3, nameof(RetryDecision.DeadLetterAsFinal))]
    [InlineData(true, 1, 1, nameof(RetryDecision.DeadLetterAsLast))]
    [InlineData(true, 3, 3, nameof(RetryDecision.DeadLetterAsLast))]
    [InlineData(true, 4, 3, nameof(RetryDecision.DeadLetterAsLast))]
    [InlineData(true, 2, 3, nameof(RetryDecision.Retry))]
    public void An_item_is_run_again_as_long_as_it_has_attempts(bool retryable, int attempt, int attempts, string decision) =>
        Assert.Equal(decision, RetryPolicy.Decide(Failed with { Retryable = retryable, Attempt = attempt, MaxAttempts = attempts }).Decision.ToString());

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public void An_item_that_was_cancelled_is_neither_run_again_nor_kept(bool retryable, int attempt) =>
        Assert.Equal(new RetryVerdict(RetryDecision.Drop), RetryPolicy.Decide(Failed with { Cancelled = true, Retryable = retryable, Attempt = attempt }));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(3, 1, 4)]
    [InlineData(10, 1, 512)]
    [InlineData(11, 1, 600)]
    [InlineData(99, 1, 600)]
    [InlineData(4, 0.5, 4)]
    [InlineData(4, 0.51, 5)]
    [InlineData(4, 0, 1)]
    public void The_delay_doubles_up_to_ten_minutes_with_full_jitter(int attempt, double jitter, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryPolicy.Decide(Failed with { Attempt = attempt, MaxAttempts = 100, Jitter = jitter }).Delay);

    [Theory]
    [InlineData(0.1, 1, 1)]
    [InlineData(0.6, 2, 2)]
    [InlineData(300, 1, 300)]
    [InlineData(300, 2, 600)]
    [InlineData(3600, 1, 3600)]
    [InlineData(3600, 2, 3600)]
    public void The_first_delay_is_the_callers(double first, int attempt, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryPolicy.Decide(Failed with { Attempt = attempt, FirstDelay = TimeSpan.FromSeconds(first) }).Delay);

    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(90, 90)]
    [InlineData(90.001, 91)]
    public void A_handler_may_say_when(double asked, int seconds) =>
        Assert.Equal(new RetryVerdict(RetryDecision.Retry, TimeSpan.FromSeconds(seconds)), RetryPolicy.Decide(Failed with { Asked = TimeSpan.FromSeconds(asked), Jitter = 0 }));

    [Theory]
    [InlineData(1.5, nameof(RetryDecision.DeadLetterAsExpiring))]
    [InlineData(-1, nameof(RetryDecision.DeadLetterAsExpiring))]
    [InlineData(2, nameof(RetryDecision.Retry))]
    public void An_item_that_would_come_too_late_is_given_up_now(double expiresIn, string decision) =>
        Assert.Equal(decision, RetryPolicy.Decide(Failed with { Attempt = 2, ExpiresIn = TimeSpan.FromSeconds(expiresIn) }).Decision.ToString());
}
