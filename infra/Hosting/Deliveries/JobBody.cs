using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;

namespace Broker.Hosting.Deliveries;

/// <summary>What a message on a jobs queue holds.</summary>
/// <param name="Job">The job.</param>
/// <param name="Items">Its items; none where they cannot be told apart.</param>
/// <param name="Fault">Why it cannot be run although its caller can be told; null where it can.</param>
internal sealed record JobBody(RunJob Job, IReadOnlyList<ReadOnlyMemory<byte>> Items, string? Fault)
{
    /// <summary>How many items to answer for.</summary>
    public int Count => Items.Count > 0 ? Items.Count : Job.Indices.LeastCount;

    /// <exception cref="Exception">Of any type: not even who sent it can be read.</exception>
    public static JobBody Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Read(MessageBody.Read(body, MessageJson.Default.RunJob) ?? throw new JsonException("the body is null"));
        }
        catch (JsonException e) when (WithoutItems(body.Span) is { } job)
        {
            return new JobBody(job, [], $"the job's items are not JSON: {e.Message}");
        }
    }

    private static JobBody Read(RunJob job)
    {
        var items = JsonItems.Split(job.Items.Utf8);
        if (items.Count < job.Indices.LeastCount)
            return new JobBody(job, [], $"the job has {items.Count} items and the indices of {job.Indices.LeastCount}");
        return new JobBody(job, items, job.ItemTimeout <= TimeSpan.Zero ? $"a time limit of {job.ItemTimeout} is none" : null);
    }

    /// <summary>The job without its items, where only these are not JSON: they stand between the kind and the indices as this project writes a job.</summary>
    private static RunJob? WithoutItems(ReadOnlySpan<byte> body)
    {
        var start = body.IndexOf("\"items\":"u8);
        // In text the quotes would be escaped.
        var end = body.LastIndexOf(",\"indices\":["u8);
        if (start < 0 || end < start)
            return null;
        try
        {
            byte[] rest = [.. body[..start], .. "\"items\":[]"u8, .. body[end..]];
            return JsonSerializer.Deserialize(rest, MessageJson.Default.RunJob);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
