using Broker.Connection;
using Broker.Primitives.Tokens;

namespace Broker.Primitives;

/// <summary>
/// Runs something in one of the processes that use its name: whoever holds its lock is the leader, and when that ends, another is. Not promised: that never two are at work, see
/// <see cref="BrokerHold"/>; the later one has the larger fence.
/// </summary>
public sealed class BrokerLeader
{
    internal const string Type = "leader";

    private readonly BrokerLock _lock;

    internal BrokerLeader(TokenKernel kernel, string name) => _lock = new BrokerLock(kernel, Type, name);

    public string Name => _lock.Name;

    /// <summary>
    /// Waits to become the leader, then runs the work; when the lead is lost, its token is cancelled, and when it has ended, this waits again. Returns when the work has ended by itself, and throws what it
    /// throws; in both cases another may lead.
    /// </summary>
    /// <param name="work">Gets the fence, larger than that of every earlier leader.</param>
    /// <param name="cancellationToken">Ends the wait, and the work.</param>
    /// <exception cref="BrokerUnavailableException">The broker refuses us.</exception>
    public async Task RunAsync(Func<long, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        while (true)
        {
            await using var hold = await _lock.AcquireAsync(cancellationToken: cancellationToken);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(hold.LostToken, cancellationToken);
            try
            {
                await work(hold.Fence, end.Token);
                return;
            }
            catch (OperationCanceledException) when (hold.LostToken.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // Another may lead now.
            }
        }
    }

    /// <summary>Looks who leads, and how many wait to.</summary>
    /// <inheritdoc cref="BrokerLock.GetStatusAsync"/>
    public Task<BrokerPermitStatus> GetStatusAsync(CancellationToken cancellationToken = default) => _lock.GetStatusAsync(cancellationToken);

    /// <summary>Ends the leader's lead. For an operator, see <see cref="BrokerLock.BreakAsync"/>.</summary>
    /// <inheritdoc cref="BrokerLock.BreakAsync"/>
    public Task<bool> BreakAsync(CancellationToken cancellationToken = default) => _lock.BreakAsync(cancellationToken);
}
