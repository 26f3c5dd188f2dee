using Broker.Contracts.Messages;

namespace Broker.Hosting.Deliveries;

/// <summary>What becomes of an item that failed.</summary>
internal enum RetryDecision
{
    /// <summary>Another attempt cannot help: dead-letter it now.</summary>
    DeadLetterAsFinal,

    /// <summary>That was its last attempt: dead-letter it.</summary>
    DeadLetterAsLast,
}

/// <summary>Decides what becomes of an item that failed, from facts alone. Every job has one attempt, so both answers are dead letters.</summary>
internal static class RetryPolicy
{
    /// <param name="failure">Why it failed.</param>
    public static RetryDecision Decide(ItemFailure failure) =>
        failure.Retryable ? RetryDecision.DeadLetterAsLast : RetryDecision.DeadLetterAsFinal;
}
