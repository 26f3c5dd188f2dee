using System.Text.Json;
using Broker.Contracts;

namespace Broker.Pool;

/// <summary>Between typed jobs and the JSON items that travel.</summary>
internal static class JobItems
{
    /// <summary>The jobs' kind, by the first of them, and their items, read lazily. No kind where there are no jobs.</summary>
    public static (string? Kind, IAsyncEnumerable<ReadOnlyMemory<byte>> Items) Of<TResult>(IEnumerable<IJob<TResult>> jobs)
    {
        var source = jobs.GetEnumerator();
        if (source.MoveNext())
            return (KindName.Of(source.Current.GetType()), Read(source));
        source.Dispose();
        return (null, AsyncEnumerable.Empty<ReadOnlyMemory<byte>>());
    }

    /// <exception cref="JobFailedException">The item failed.</exception>
    public static TResult Result<TResult>(ItemOutcome outcome) => outcome.Failure is null
        ? JsonSerializer.Deserialize<TResult>(outcome.Value.Span, PayloadJson.Options)!
        : throw outcome.ToException();

#pragma warning disable CS1998 // Asynchronous in shape only: the caller's sequence is not.
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Read<TResult>(IEnumerator<IJob<TResult>> source)
#pragma warning restore CS1998
    {
        using (source)
        {
            var type = source.Current.GetType();
            do
            {
                if (source.Current.GetType() != type)
                    throw new ArgumentException($"a batch is of one kind: {type} and {source.Current.GetType()} were mixed");
                yield return JsonSerializer.SerializeToUtf8Bytes(source.Current, type, PayloadJson.Options);
            }
            while (source.MoveNext());
        }
    }
}
