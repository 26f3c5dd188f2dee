using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>Reads outcomes as results of one type.</summary>
/// <param name="json">How results are written.</param>
internal sealed class ResultReader<TResult>(JsonSerializerOptions json)
{
    /// <exception cref="JobFailedException">The item failed, or its result is no <typeparamref name="TResult"/>.</exception>
    public TResult Read(ItemOutcome outcome)
    {
        if (outcome.Failure is not null)
            throw outcome.ToException();
        try
        {
            return JsonSerializer.Deserialize<TResult>(outcome.Value.Span, json)!;
        }
        catch (Exception e)
        {
            // A converter may raise any type.
            var failure = new ItemFailure(0, e.GetType().FullName!, $"the result cannot be read as {typeof(TResult)}: {e.Message}", null, Retryable: false);
            throw new JobFailedException(outcome with { Failure = failure }, e);
        }
    }

    /// <summary>Failures as data.</summary>
    public async IAsyncEnumerable<JobOutcome<TResult>> OutcomesAsync(IAsyncEnumerable<ItemOutcome> outcomes)
    {
        await foreach (var outcome in outcomes)
        {
            JobOutcome<TResult> typed;
            try
            {
                typed = new JobOutcome<TResult>(outcome.Index, Read(outcome), null, outcome.Run);
            }
            catch (JobFailedException e)
            {
                typed = new JobOutcome<TResult>(outcome.Index, default, e, outcome.Run);
            }

            yield return typed;
        }
    }
}
