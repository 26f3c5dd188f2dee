using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Deliveries;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Unit.Deliveries;

public sealed class When_a_job_is_logged : ILogger
{
    private readonly List<string> _lines = [];
    private readonly List<KeyValuePair<string, object?>> _labels = [];

    [Fact]
    public void Its_labels_count_its_deliveries()
    {
        using (new JobLog(this, this).Enter(SomeJob.Of("double"), redeliveries: 2))
            Assert.Equal(3L, Assert.Single(_labels, label => label.Key == "Deliveries").Value);
    }

    [Theory]
    [InlineData(nameof(RetryDecision.Retry), 1, "attempt 1 of 3, again in 2 s")]
    [InlineData(nameof(RetryDecision.DeadLetterAsLast), 3, "last attempt of 3")]
    [InlineData(nameof(RetryDecision.DeadLetterAsFinal), 1, "not retryable")]
    [InlineData(nameof(RetryDecision.DeadLetterAsExpiring), 1, "its deadline comes before another attempt")]
    public void A_failure_names_the_causes_of_its_exception_and_what_becomes_of_it(string decision, int attempt, string fate)
    {
        var failure = new ItemFailure(
            0, "System.InvalidOperationException", "no picture", StackTrace: null, Retryable: true, [new FailureCause("System.IO.IOException", "the disk is full"), new FailureCause("System.Exception", "quota")]);
        new JobLog(this, this).Failed(SomeJob.Of("double") with { Attempt = attempt, MaxAttempts = 3 }, 4, failure, new RetryVerdict(Enum.Parse<RetryDecision>(decision), TimeSpan.FromSeconds(2)));
        Assert.Equal(
            $"item 4 failed: System.InvalidOperationException: no picture; caused by System.IO.IOException: the disk is full; caused by System.Exception: quota ({fate})",
            Assert.Single(_lines));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state)
    {
        _labels.AddRange((IEnumerable<KeyValuePair<string, object?>>)state);
        return null;
    }

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));
}
