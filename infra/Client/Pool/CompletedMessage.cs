using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>A worker's message of outcomes, cut into chunks of neighbouring items. The whole message as one chunk costs no look at its items.</summary>
internal sealed class CompletedMessage(JobCompleted message)
{
    private readonly JobRun _run = new(message.BatchId, message.JobId, message.Worker, message.Attempt, message.StartedAt, message.FinishedAt, message.Count);
    private (int Start, int End)[]? _places;

    /// <summary>Why the message cannot be used; null where it can.</summary>
    /// <param name="limit">Indices from here on belong to no item.</param>
    public string? Fault(long limit)
    {
        if (message.Count < 1)
            return $"it has {message.Count} outcomes";
        foreach (var (first, count) in message.Indices.Runs(message.Count))
        {
            if (first < 0 || count < 0 || first > limit - count)
                return $"no item has its indices {first} to {first + (count - 1L)}";
        }

        if (message.Failures?.FirstOrDefault(failure => failure.Offset < 0 || failure.Offset >= message.Count) is { } failure)
            return $"a failure is at offset {failure.Offset} of {message.Count} outcomes";
        return JsonElements.Are(message.Values.Utf8.Span, message.Count) ? null : $"its values are not {message.Count}";
    }

    /// <summary>The outcomes at <paramref name="offset"/> and behind it, whose indices are neighbours from <paramref name="firstIndex"/> on.</summary>
    public CompletedChunk Cut(long firstIndex, int offset, int count)
    {
        if (offset == 0 && count == message.Count)
            return new CompletedChunk(firstIndex, count, message.Values.Utf8, message.Failures, _run);
        if (_places is null)
        {
            _places = new (int Start, int End)[message.Count];
            JsonElements.Locate(message.Values.Utf8.Span, _places);
        }

        var elements = message.Values.Utf8.Span[_places[offset].Start.._places[offset + count - 1].End];
        byte[] values = [(byte)'[', .. elements, (byte)']'];
        var failures = message.Failures?
            .Where(failure => failure.Offset >= offset && failure.Offset < offset + count)
            .Select(failure => failure with { Offset = failure.Offset - offset })
            .ToList();
        return new CompletedChunk(firstIndex, count, values, failures is { Count: > 0 } ? failures : null, _run);
    }
}
