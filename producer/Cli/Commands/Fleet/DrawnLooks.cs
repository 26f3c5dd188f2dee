using Broker.Fleet;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>Draws each look over the last one.</summary>
internal sealed class DrawnLooks(Picture picture, bool colour)
{
    public void Show(FleetSnapshot look, string? trouble) => picture.Draw(width => new StatusPage(width, Paint).Lines(look, trouble));

    private string Paint(string problem) => colour ? $"\e[33m{problem}\e[0m" : problem;
}
