using Broker.Connection;
using Broker.Primitives;
using Broker.Primitives.Log;
using Broker.Primitives.States;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Integration.Primitives;

/// <summary>Two clients with connections of their own, as two processes have, and names that no other test uses.</summary>
public abstract class TwoProcesses : IAsyncLifetime
{
    /// <summary>Of waits that are to end; far longer than any of them takes.</summary>
    protected static readonly TimeSpan Limit = RunningProgram.DefaultTimeout;

    /// <summary>Of waits that are to time out.</summary>
    protected static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);

    private PrimitiveLink? _link;
    private PrimitiveLog? _log;
    private BrokerPrimitives? _one;
    private BrokerPrimitives? _other;

    protected static string Url => TestBroker.Require();

    protected string Name { get; } = $"test-{FleetPlan.NewSuffix()}";

    protected BrokerPrimitives One => _one!;

    protected BrokerPrimitives Other => _other!;

    public virtual async ValueTask InitializeAsync()
    {
        _one = await BrokerPrimitives.ConnectAsync(Url);
        _other = await BrokerPrimitives.ConnectAsync(Url);
        _link = new PrimitiveLink(BrokerAddress.Parse(Url), "observer", NullLogger.Instance);
        _log = new PrimitiveLog(_link, new OperationCodec().AddStates(), TimeProvider.System, NullLogger.Instance);
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var client in new IAsyncDisposable?[] { _one, _other, _log, _link })
        {
            if (client is not null)
                await client.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>How a task failed; null where it did not.</summary>
    protected static async Task<Exception?> ErrorOfAsync(Task task) => await Record.ExceptionAsync(() => task);

    /// <summary>Waits until a state is as wanted.</summary>
    private protected Task UntilAsync<TState>(string type, Func<TState?, bool> look, CancellationToken cancellationToken)
        where TState : PrimitiveState =>
        _log!.UntilAsync<TState, object>(new PrimitiveKey(type, Name), state => look(state) ? Name : null, cancellationToken);

    /// <summary>Applies an operation as a process would that dies then.</summary>
    private protected static async Task<object?> ApplyAndDieAsync(string type, string name, Operation operation)
    {
        await using var link = new PrimitiveLink(BrokerAddress.Parse(Url), "one that dies", NullLogger.Instance);
        await using var log = new PrimitiveLog(link, new OperationCodec().AddStates(), TimeProvider.System, NullLogger.Instance);
        return await log.ApplyAsync(new PrimitiveKey(type, name), operation, null, CancellationToken.None);
    }
}
