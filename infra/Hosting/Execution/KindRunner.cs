using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Hosting.Execution;

/// <summary>Runs items of one kind: JSON in, JSON out, whatever the handler's types are.</summary>
internal abstract class KindRunner(string kind, Type handlerType)
{
    public string Kind => kind;

    public Type HandlerType => handlerType;

    public abstract string Signature { get; }

    public abstract RawJson Schema { get; }

    /// <summary>A scope of services and a handler from it, for the items of one job.</summary>
    public abstract JobScope OpenScope();

    /// <param name="handler">A class that implements <paramref name="contract"/>.</param>
    /// <param name="contract">A closed <see cref="IJobHandler{TArgs, TResult}"/>.</param>
    /// <param name="services">Where the handler comes from, a scope per job.</param>
    /// <param name="json">How args and results are read and written.</param>
    public static KindRunner Create(Type handler, Type contract, IServiceScopeFactory services, JsonSerializerOptions json) =>
        (KindRunner)Activator.CreateInstance(typeof(KindRunner<,>).MakeGenericType(contract.GenericTypeArguments), KindName.Of(contract.GenericTypeArguments[0]), handler, services, json)!;
}

internal sealed class KindRunner<TArgs, TResult>(string kind, Type handlerType, IServiceScopeFactory services, JsonSerializerOptions json) : KindRunner(kind, handlerType)
    where TArgs : IJob<TResult>
{
    private readonly ArgsBinder<TArgs> _binder = new(kind, json);
    private readonly JsonTypeInfo<TResult> _result = (JsonTypeInfo<TResult>)json.GetTypeInfo(typeof(TResult));

    public override string Signature => _binder.Signature;

    public override RawJson Schema { get; } = ArgsSchema.Of(typeof(TArgs), json);

    public override JobScope OpenScope() => new Scope(this, services.CreateAsyncScope());

    private sealed class Scope(KindRunner<TArgs, TResult> runner, AsyncServiceScope scope) : JobScope(scope)
    {
        private IJobHandler<TArgs, TResult>? _handler;

        public override void Prepare() => _handler ??= (IJobHandler<TArgs, TResult>)Services.GetRequiredService(runner.HandlerType);

        public override async Task RunAsync(ReadOnlyMemory<byte> item, JobContext job, Utf8JsonWriter result)
        {
            var args = runner._binder.Bind(item.Span);
            Prepare();
            var value = await _handler!.HandleAsync(args, job);
            try
            {
                JsonSerializer.Serialize(result, value, runner._result);
            }
            // Converters and getters are the user's code as well: whatever they throw, the handler has returned, and what it returned cannot travel.
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new BadResultException($"the result of type {typeof(TResult)} cannot be written as JSON: {e.Message}", e);
            }
        }
    }
}
