using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Execution;

/// <summary>Runs items of one kind: JSON in, JSON out, whatever the handler's types are.</summary>
internal abstract class KindRunner(string kind, Type handlerType)
{
    private long _completed;
    private long _failed;
    private int _running;

    public string Kind => kind;

    public Type HandlerType => handlerType;

    public abstract string Signature { get; }

    public abstract RawJson Schema { get; }

    public int Running => Volatile.Read(ref _running);

    /// <summary>Runs one item and writes its result.</summary>
    /// <exception cref="ItemDoesNotFitException">The item does not fit the args; the handler was not called.</exception>
    /// <exception cref="BadResultException">The result cannot be written.</exception>
    public abstract Task RunAsync(ReadOnlyMemory<byte> item, JobContext job, Utf8JsonWriter result);

    public void Began() => Interlocked.Increment(ref _running);

    public void Ended(int items, int failed)
    {
        Interlocked.Decrement(ref _running);
        Interlocked.Add(ref _completed, items);
        Interlocked.Add(ref _failed, failed);
    }

    public ServedKind Describe(int concurrency) => new()
    {
        Kind = kind,
        Concurrency = concurrency,
        Running = Running,
        Completed = Interlocked.Read(ref _completed),
        Failed = Interlocked.Read(ref _failed),
        ArgsSchema = Schema,
        Signature = Signature,
    };
}

internal sealed class KindRunner<TArgs, TResult>(string kind, IJobHandler<TArgs, TResult> handler) : KindRunner(kind, handler.GetType())
    where TArgs : IJob<TResult>
{
    private readonly ArgsBinder<TArgs> _binder = new(kind, PayloadJson.Options);
    private readonly JsonTypeInfo<TResult> _result = (JsonTypeInfo<TResult>)PayloadJson.Options.GetTypeInfo(typeof(TResult));

    public override string Signature => _binder.Signature;

    public override RawJson Schema { get; } = ArgsSchema.Of(typeof(TArgs), PayloadJson.Options);

    public override async Task RunAsync(ReadOnlyMemory<byte> item, JobContext job, Utf8JsonWriter result)
    {
        var args = _binder.Bind(item.Span);
        var value = await handler.HandleAsync(args, job);
        try
        {
            JsonSerializer.Serialize(result, value, _result);
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException or ArgumentException)
        {
            throw new BadResultException($"the result of type {typeof(TResult)} cannot be written as JSON: {e.Message}", e);
        }
    }
}
