using System.Collections;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Deliveries;

/// <summary>A job's labels on whatever is logged meanwhile. A list and no dictionary: it is made for every job and mostly not read.</summary>
internal sealed class JobLabels(RunJob job, long redeliveries) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 6;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("JobId", job.JobId),
        1 => new("BatchId", job.BatchId),
        2 => new("Kind", job.Kind),
        3 => new("Attempt", job.Attempt),
        4 => new("Deliveries", redeliveries + 1),
        _ => new("ProducerPid", job.SubmittedBy.ProcessId),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"job {job.JobId}";
}
