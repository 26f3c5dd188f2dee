using System.Text.Json;
using Broker.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Hosting.Execution;

/// <summary>The services of one job, and a handler that comes from them: its items run in it, one after another. Disposal disposes both.</summary>
internal abstract class JobScope(AsyncServiceScope scope) : IAsyncDisposable
{
    public IServiceProvider Services => scope.ServiceProvider;

    /// <summary>Makes the handler; otherwise the first item does.</summary>
    public abstract void Prepare();

    /// <summary>Runs one item and writes its result.</summary>
    /// <exception cref="ItemDoesNotFitException">The item does not fit the args; the handler was not called.</exception>
    /// <exception cref="BadResultException">The result cannot be written.</exception>
    public abstract Task RunAsync(ReadOnlyMemory<byte> item, JobContext job, Utf8JsonWriter result);

    public ValueTask DisposeAsync() => scope.DisposeAsync();
}
