using Broker.Connection;
using Broker.Primitives.Log;
using Broker.Tests.Unit.Primitives.Log;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Integration.Primitives;

/// <summary>One process's part in the log of a broker.</summary>
internal sealed class LogClient : IAsyncDisposable
{
    private readonly PrimitiveLink _link;
    private readonly PrimitiveLog _log;

    public LogClient(string url)
    {
        _link = new PrimitiveLink(BrokerAddress.Parse(url), "log client", NullLogger.Instance);
        _log = new PrimitiveLog(_link, TallyCodec.Instance, TimeProvider.System, NullLogger.Instance);
    }

    public PrimitiveLog Log => _log;

    /// <summary>Adds a number to the sum of a name.</summary>
    /// <returns>The sum after it.</returns>
    public async Task<long> AddAsync(string name, long number, long? fence = null) => (long)(await _log.ApplyAsync(KeyOf(name), new TallyAdd(number), fence, CancellationToken.None))!;

    /// <summary>The numbers that were added, in their order; null where the name is not in use.</summary>
    public Task<IReadOnlyList<long>?> NumbersAsync(string name, bool consistent = true) =>
        _log.LookAsync<Tally, IReadOnlyList<long>?>(KeyOf(name), static tally => tally?.Numbers.ToList(), consistent, CancellationToken.None);

    public Task<string> UntilSumAsync(string name, long sum) =>
        _log.UntilAsync<Tally, string>(KeyOf(name), tally => tally?.Numbers.Sum() >= sum ? "reached" : null, CancellationToken.None);

    public static PrimitiveKey KeyOf(string name) => new("tally", name);

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _link.DisposeAsync();
    }
}
