using System.Text.Json;
using Broker.Contracts;

namespace Broker.Pool;

/// <summary>Writes the jobs of one call as items, and sees to it that they are jobs of one kind.</summary>
internal sealed class JobEncoder<TResult>(JsonSerializerOptions json)
{
    private Type? _type;
    private long _next;

    /// <summary>The kind, by the first job; null before it.</summary>
    public string? Kind { get; private set; }

    public IItemReader Read(IEnumerable<IJob<TResult>> jobs) =>
        // What lies in memory already cannot block, and needs no thread.
        jobs is System.Collections.IList ? Read(jobs.ToAsyncEnumerable()) : new ThreadItems<IJob<TResult>>(jobs, Encode, () => Kind);

    public IItemReader Read(IAsyncEnumerable<IJob<TResult>> jobs) => new AsyncItems<IJob<TResult>>(jobs, Encode, () => Kind);

    /// <exception cref="ArgumentException">The job is null, of another kind than those before it, or of a type without a kind.</exception>
    public ReadOnlyMemory<byte> Encode(IJob<TResult> job)
    {
        var index = _next++;
        if (job is null)
            throw new ArgumentException($"job {index} is null");
        var type = job.GetType();
        if (_type is null)
            (_type, Kind) = (type, KindName.Of(type));
        else if (_type != type)
            throw new ArgumentException($"a batch is of one kind: job {index} is a {type} and those before it are {_type}");
        return JsonSerializer.SerializeToUtf8Bytes(job, type, json);
    }
}
